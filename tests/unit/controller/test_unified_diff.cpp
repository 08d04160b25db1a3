#include "controller/unified_diff.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace controller;

namespace {
std::string diff(const std::string& before, const std::string& after) {
  return unified_diff(before, after, "a", "b");
}
} // namespace

TEST_CASE("the same is no difference") {
  CHECK(diff("", "").empty());
  CHECK(diff("a\nb\n", "a\nb\n").empty());
}

TEST_CASE("what is new, and what is gone") {
  CHECK(diff("", "1\n2\n") == "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+1\n+2\n");
  CHECK(diff("1\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-1\n");
}

TEST_CASE("a changed line with three around it") {
  CHECK(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n") ==
        "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
}

TEST_CASE("near changes are one hunk, far ones two") {
  std::string before, near, far;
  for (int i = 1; i <= 20; ++i) {
    const auto line = std::to_string(i) + "\n";
    before += line;
    near += i == 2 || i == 9 ? "x\n" : line;
    far += i == 2 || i == 10 ? "x\n" : line;
  }
  const auto hunks = [](const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find("\n@@ "); at != std::string::npos; at = text.find("\n@@ ", at + 1))
      ++count;
    return count;
  };
  CHECK(hunks(diff(before, near)) == 1);
  CHECK(hunks(diff(before, far)) == 2);
  CHECK(diff(before, far).find("@@ -7,7 +7,7 @@") != std::string::npos);
}

TEST_CASE("lines that moved by an insertion stay what they are") {
  CHECK(diff("a\nb\nc\n", "a\nnew\nb\nc\n") == "--- a\n+++ b\n@@ -1,3 +1,4 @@\n a\n+new\n b\n c\n");
}

TEST_CASE("a last line without an end says so") {
  CHECK(diff("a", "a\n") == "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST_CASE("two files too long to compare are shown as replaced") {
  std::string before, after;
  for (int i = 0; i < 3000; ++i) {
    before += std::to_string(i) + "\n";
    after += std::to_string(i + 10000) + "\n";
  }
  CHECK(diff(before, after).find("@@ -1,3000 +1,3000 @@\n-0\n") != std::string::npos);
}
