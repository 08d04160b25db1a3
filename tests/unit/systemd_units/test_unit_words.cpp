#include "systemd_units/unit_words.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace systemd_units;

TEST_CASE("an argument of ExecStart stays as it is: no variable, no specifier, no second command") {
  CHECK(exec_argument("plain") == R"("plain")");
  CHECK(exec_argument("") == R"("")");
  CHECK(exec_argument("two words") == R"("two words")");
  CHECK(exec_argument("$HOME ${HOME} $$") == R"("$$HOME $${HOME} $$$$")");
  CHECK(exec_argument("%n 100%") == R"("%%n 100%%")");
  CHECK(exec_argument(R"(a"b'c\d)") == R"("a\"b'c\\d")");
  CHECK(exec_argument(";") == R"(";")");
  CHECK(exec_argument("a\nExecStartPre=/bin/sh") == R"("a\x0aExecStartPre=/bin/sh")");
  CHECK(exec_argument("\t\x7f") == R"("\x09\x7f")");
  CHECK(exec_argument("end\\") == R"("end\\")");
  CHECK(exec_argument("\xc3\xbc") == "\"\xc3\xbc\"");
}

TEST_CASE("a word of a list: variables mean nothing there") {
  CHECK(list_word("A=$HOME %h \"x\"") == R"("A=$HOME %%h \"x\"")");
  CHECK(list_word("A=b\nB=c") == R"("A=b\x0aB=c")");
}

TEST_CASE("plain words are one line whatever they are") {
  CHECK(plain_words("Takes orders, 100% of them") == "Takes orders, 100%% of them");
  CHECK(plain_words("a\nUser=root") == "a User=root");
  CHECK(plain_words("no next line\\") == "no next line\\ ");
}
