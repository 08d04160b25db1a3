#include "ssh/quoting.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

TEST_CASE("words that mean nothing to a shell stay as they are, all others are quoted") {
  CHECK(ssh::quote("order-processor@1.service") == "order-processor@1.service");
  CHECK(ssh::quote("") == "''");
  CHECK(ssh::quote("a b") == "'a b'");
  CHECK(ssh::quote("it's") == "'it'\\''s'");
  CHECK(ssh::quote("$(x)`y`\\") == "'$(x)`y`\\'");
  CHECK(ssh::quote("~") == "'~'");
  CHECK(ssh::quote("A=b") == "'A=b'");
  CHECK(ssh::quote("\xc3\xa9") == "'\xc3\xa9'");
  const std::vector<std::string> words{"systemctl", "show", "a\\x2db.service"};
  CHECK(ssh::quote_command(words) == "systemctl show 'a\\x2db.service'");
}

TEST_CASE("a NUL byte can't be a part of a word") {
  CHECK_THROWS_AS(ssh::quote(std::string_view("a\0b", 3)), std::invalid_argument);
}
