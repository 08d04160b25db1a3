#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace systemd_units;

TEST_CASE("cksum: what the tool of POSIX prints") {
  CHECK(cksum("") == "4294967295 0");
  CHECK(cksum("123456789") == "930766865 9");
  CHECK(cksum(std::string("a\0b\n", 4)) == "3295467820 4");
  CHECK(cksum(std::string(1000, 'x')) == "3999126958 1000");
}

TEST_CASE("who wrote a file is told by its first line") {
  for (const std::string comment : {"#", "//"}) {
    const auto file = marked(comment, "[Unit]\nDescription=x\n");
    CHECK(file.starts_with(comment + " Written by actorsctl deploy; cksum of what follows: "));
    CHECK(author_of(file) == Author::deploy);
    CHECK(author_of(file + "\n") == Author::deploy_edited);
    CHECK(author_of(file.substr(0, file.size() - 1)) == Author::deploy_edited);
    CHECK(author_of("\n" + file) == Author::other);
    CHECK(author_of(" " + file) == Author::other);
  }
  CHECK(author_of(marked("#", "")) == Author::deploy);
  CHECK(author_of("# Written by actorsctl deploy; cksum of what follows: ") == Author::deploy_edited);
  CHECK(author_of("# Written by somebody\n") == Author::other);
  CHECK(author_of("") == Author::other);
  CHECK(author_of("[Unit]\n" + marked("#", "")) == Author::other);
}
