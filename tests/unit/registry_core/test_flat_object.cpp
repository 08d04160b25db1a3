#include "registry_core/protocol/flat_object.hpp"

#include "registry_core/protocol/json_reader.hpp"

#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using protocol::FlatObject;
using protocol::JsonReader;

namespace {

using Members = std::vector<std::tuple<std::string, std::string, bool>>; ///< key, text, is a string

std::optional<Members> members(std::string_view document) {
  Members found;
  const bool whole =
      FlatObject::read(document, [&](std::string_view key, std::string_view text, bool is_string) {
        found.emplace_back(key, text, is_string);
        return true;
      });
  return whole ? std::optional(found) : std::nullopt;
}

/// The same by the reader of any document; absent where it finds something else than strings and integers.
std::optional<Members> members_by_reader(std::string_view document) {
  JsonReader reader;
  reader.start(document);
  Members found;
  if (reader.next() != JsonReader::Event::begin_object) return std::nullopt;
  std::string key;
  for (JsonReader::Event event = reader.next(); event != JsonReader::Event::end; event = reader.next()) {
    if (event == JsonReader::Event::key) {
      key = reader.text();
    } else if (event == JsonReader::Event::string || event == JsonReader::Event::integer) {
      found.emplace_back(key, reader.text(), event == JsonReader::Event::string);
    } else if (event != JsonReader::Event::end_object) {
      return std::nullopt;
    }
  }
  return found;
}

} // namespace

TEST_CASE("an object of strings and integers is read whole") {
  CHECK(members("{}") == Members{});
  CHECK(members(" { } ") == Members{});
  CHECK(members(R"({"a":"b"})") == Members{{"a", "b", true}});
  CHECK(members("\t{\n\"a\" : \"b\" ,\r\n\"\": -12 , \"c\":0}\n") ==
        Members{{"a", "b", true}, {"", "-12", false}, {"c", "0", false}});
  CHECK(members(R"({"message_type":"LookupActor","actor_name":"an actor {}[],:","request_id":"7"})") ==
        Members{{"message_type", "LookupActor", true},
                {"actor_name", "an actor {}[],:", true},
                {"request_id", "7", true}});
}

TEST_CASE("anything else is left to the reader of any document") {
  for (const char* document : {"",
                               " ",
                               "{",
                               "}",
                               "[]",
                               "1",
                               R"("a")",
                               R"({"a"})",
                               R"({"a":})",
                               R"({"a":"b"}x)",
                               R"({"a":"b"}})",
                               R"({"a":"b",})",
                               R"({,"a":"b"})",
                               R"({"a":"b""c":"d"})",
                               R"({"a" "b"})",
                               R"({a:"b"})",
                               R"({"a":b})",
                               R"({"a":'b'})",
                               R"({"a":"b)",
                               R"({"a":"\u0062"})",
                               R"({"\u0061":"b"})",
                               "{\"a\":\"\xC3\xA9\"}",
                               "{\"a\":\"\n\"}",
                               R"({"a":01})",
                               R"({"a":-01})",
                               R"({"a":-})",
                               R"({"a":+1})",
                               R"({"a":1.0})",
                               R"({"a":1e3})",
                               R"({"a":1E3})",
                               R"({"a":true})",
                               R"({"a":null})",
                               R"({"a":{}})",
                               R"({"a":[]})",
                               "\xEF\xBB\xBF{}",
                               R"({"a":1 2})"}) {
    CAPTURE(document);
    CHECK_FALSE(members(document));
  }
  CHECK_FALSE(members(std::string_view("{}\0", 3)));
}

TEST_CASE("whoever is told of the members may give up") {
  int told = 0;
  CHECK_FALSE(FlatObject::read(R"({"a":"b","c":"d","e":"f"})",
                               [&](std::string_view, std::string_view, bool) { return ++told < 2; }));
  CHECK(told == 2);
}

TEST_CASE("whatever byte stands at whatever place, it agrees with the reader of any document") {
  const std::string document = R"({"actor_name":"Orders-1","limit": -10, "a":0})";
  int read = 0;
  for (std::size_t at = 0; at < document.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = document;
      changed[at] = static_cast<char>(byte);
      const auto flat = members(changed);
      if (!flat) continue;
      CAPTURE(changed);
      CHECK(flat == members_by_reader(changed));
      ++read;
    }
    const auto shortened = document.substr(0, at) + document.substr(at + 1);
    const auto flat = members(shortened);
    CAPTURE(shortened);
    if (flat) CHECK(flat == members_by_reader(shortened));
  }
  CHECK(read > 1000);
}
