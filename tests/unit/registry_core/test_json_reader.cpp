#include "registry_core/protocol/json_reader.hpp"

#include <doctest/doctest.h>

using protocol::JsonReader;

namespace {

bool is_json(std::string_view text) {
  JsonReader reader;
  reader.start(text);
  JsonReader::Event event = reader.next();
  while (event != JsonReader::Event::end && event != JsonReader::Event::fault)
    event = reader.next();
  return event == JsonReader::Event::end;
}

std::string string_in(std::string_view text) {
  JsonReader reader;
  reader.start(text);
  REQUIRE(reader.next() == JsonReader::Event::string);
  return std::string(reader.text());
}

} // namespace

TEST_CASE("what RFC 8259 allows is JSON") {
  for (const char* text :
       {"{}", "[]", " \t\r\n{ } \n", "0", "-0", "12.5e-3", "1E+9", "1e400", "true", "false", "null", R"("")",
        R"({"a":{"a":[{"a":1},{"a":2}]},"b":[[],{},""]})", "123456789012345678901234567890",
        R"("\u00e9\ud83d\ude00")", "\"\xC3\xA9\xF0\x9F\x98\x80\"", "\"\x7F\"", R"(["\"\\\/\b\f\n\r\t"])"}) {
    CAPTURE(text);
    CHECK(is_json(text));
  }
}

TEST_CASE("what it does not allow is none") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "{]",
                           "[1,]",
                           "{\"a\":1,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "-",
                           "nul",
                           "True",
                           "NaN",
                           "Infinity",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"a",
                           "\"\\",
                           "\"\n\"",
                           "{} {}",
                           "{}x",
                           "1 2",
                           "/**/{}",
                           "{}//",
                           "[1 2]",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\xEF\xBB\xBF{}"}) {
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
  }
}

TEST_CASE("a NUL ends nothing") {
  using namespace std::string_view_literals;
  CHECK_FALSE(is_json("{}\0"sv));
  CHECK_FALSE(is_json("{}\0garbage"sv));
  CHECK_FALSE(is_json("\"a\0b\""sv));
}

TEST_CASE("invalid UTF-8 is refused in values and in keys") {
  for (const char* bytes : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80", "\xFF"}) {
    const std::string text = std::string("\"") + bytes + "\"";
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
    CHECK_FALSE(is_json("{" + text + ":1}"));
    CHECK_FALSE(is_json("\"\\n" + text.substr(1)));
  }
}

TEST_CASE("a key stands once in an object, at any depth and however it is spelled") {
  CHECK_FALSE(is_json(R"({"a":1,"a":1})"));
  CHECK_FALSE(is_json(R"({"a":1,"\u0061":1})"));
  CHECK_FALSE(is_json(R"({"x":[[{"deep":{"b":1,"c":2,"b":3}}]]})"));
  CHECK(is_json(R"([{"a":1},{"a":1}])"));
  CHECK(is_json(R"({"a":{"a":{"a":1}}})"));
}

TEST_CASE("many keys are compared in reasonable time, and the one that stands twice is found") {
  std::string text = "{";
  for (int i = 0; i < 6000; ++i)
    text += "\"k" + std::to_string(i) + "\":0,";
  CHECK(is_json(text + "\"last\":0}"));
  CHECK_FALSE(is_json(text + "\"k17\":0}"));
}

TEST_CASE("nesting is bounded by nothing but the length") {
  const std::string open(30'000, '[');
  CHECK(is_json(open + std::string(30'000, ']')));
  CHECK_FALSE(is_json(open));
}

TEST_CASE("strings come decoded, numbers as they were written") {
  CHECK(string_in(R"("a\u00e9\ud83d\ude00\n\"z")") == "a\xC3\xA9\xF0\x9F\x98\x80\n\"z");
  JsonReader reader;
  reader.start("[-0, 1.50]");
  reader.next();
  CHECK(reader.next() == JsonReader::Event::integer);
  CHECK(reader.text() == "-0");
  CHECK(reader.next() == JsonReader::Event::number);
  CHECK(reader.text() == "1.50");
}

TEST_CASE("a fault says what and where") {
  JsonReader reader;
  reader.start(R"({"a":1 "b":2})");
  while (reader.next() != JsonReader::Event::fault) {
  }
  CHECK(reader.fault() == "expected ',' or '}'");
  CHECK(reader.position() == 7);
}
