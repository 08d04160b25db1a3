#include "cli/table.hpp"

#include <doctest/doctest.h>

namespace cli {

TEST_CASE("columns are as wide as their widest cell, in characters, and lines have no trailing space") {
  Table table({"NAME", "STATE", "DETAIL"});
  table.add({"grün", "ok", ""});
  table.add({"a", "failed", "exit-code"});
  CHECK(table.render(false) == "NAME  STATE   DETAIL\n"
                               "grün  ok\n"
                               "a     failed  exit-code\n");
}

TEST_CASE("no cell steers the terminal") {
  Table table({"NAME", "OF"});
  table.add({"a\x1b[2J", "\u202Eb\u202C"});
  CHECK(table.render(true) == "\x1b[2mNAME\x1b[0m      \x1b[2mOF\x1b[0m\na\\x1b[2J  \\u202eb\\u202c\n");
}

TEST_CASE("colours surround the words and never the padding") {
  Table table({"A", "B"});
  table.add({Cell("x", Tint::bad), "y"});
  CHECK(table.render(true) == "\x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

} // namespace cli
