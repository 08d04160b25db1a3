#include "registry_core/glob.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using registry_core::glob_matches;

TEST_CASE("globs fit whole names") {
  CHECK(glob_matches("Order*", "OrderBook"));
  CHECK(glob_matches("*", ""));
  CHECK(glob_matches("a*b*c", "a/x/b/y/c"));
  CHECK(glob_matches("?", "\xC3\xA9"));
  CHECK(glob_matches("[a-cx]1", "b1"));
  CHECK(glob_matches("[!a-c]1", "d1"));
  CHECK(glob_matches("[]]", "]"));
  CHECK(glob_matches("[\xC3\xA0-\xC3\xBF]", "\xC3\xA9"));
  CHECK(glob_matches("\\*", "*"));
  CHECK(glob_matches("a[b", "a[b"));
  CHECK_FALSE(glob_matches("Order", "OrderBook"));
  CHECK_FALSE(glob_matches("?", ""));
  CHECK_FALSE(glob_matches("[!a]", "a"));
  CHECK_FALSE(glob_matches("\\*", "x"));
  CHECK_FALSE(glob_matches("a*b", "ac"));
}

TEST_CASE("no pattern takes long") {
  std::string pattern;
  for (int i = 0; i < 120; ++i)
    pattern += "*a";
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(glob_matches(pattern + "b", std::string(255, 'a')));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(100));
}
