#include "config/places.hpp"

#include "config/document.hpp"

#include <doctest/doctest.h>

using namespace config;

TEST_CASE("a key is found where it stands") {
  const Places places("{\n  \"a\": 1, // one\n  \"b\": {\"a.b\": [{\"c\": 2}],\n \"\": {}}\n}");
  const auto at = [&](const KeyPath& path) {
    const auto place = places.find(path);
    return place ? std::to_string(place->line) + ":" + std::to_string(place->column) : "nowhere";
  };
  CHECK(at({"a"}) == "2:3");
  CHECK(at({"b"}) == "3:3");
  CHECK(at({"b", "a.b"}) == "3:9");
  CHECK(at({"b", ""}) == "4:2");
  CHECK(at({"b", "a", "b"}) == "nowhere");
  CHECK(at({"c"}) == "nowhere");
  CHECK(at({}) == "nowhere");
}

TEST_CASE("of a key that stands twice the first counts") {
  CHECK(Places("{\"a\": 1,\n\"a\": 2}").find({"a"})->line == 1);
}

TEST_CASE("a byte order mark takes no room") {
  CHECK(Places("\xef\xbb\xbf{\"a\": 1}").find({"a"})->column == 2);
}

TEST_CASE("nowhere and in no document stands nothing") {
  CHECK_FALSE(Places().find({"a"}));
  CHECK_FALSE(Places("[1]").find({"a"}));
  CHECK_THROWS_AS(Places("{"), SyntaxError);
}
