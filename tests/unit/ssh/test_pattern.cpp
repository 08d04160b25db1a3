#include "ssh/pattern.hpp"

#include <doctest/doctest.h>

using ssh::fits_pattern;

TEST_CASE("a pattern fits a whole name, whatever its case") {
  CHECK(fits_pattern("web1", "web1"));
  CHECK(fits_pattern("WEB1", "web1"));
  CHECK_FALSE(fits_pattern("web", "web1"));
  CHECK_FALSE(fits_pattern("web1", "web"));
  CHECK(fits_pattern("w?b*", "web.example"));
  CHECK_FALSE(fits_pattern("w?b", "wb"));
  CHECK(fits_pattern("*", ""));
  CHECK_FALSE(fits_pattern("", "a"));
  CHECK(fits_pattern("*.example.*", "a.example.example.b"));
  CHECK_FALSE(fits_pattern("*a*b", "aabba"));
}
