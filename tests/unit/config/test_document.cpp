#include "config/document.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace config;

namespace {

/// Where the text is wrong; its size + 1 where it isn't.
std::size_t wrong_at(std::string_view text) {
  try {
    read_document(text);
  } catch (const SyntaxError& error) {
    return error.at();
  }
  return text.size() + 1;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

} // namespace

TEST_CASE("read_document: every key and value stands where it begins") {
  const std::string text =
      "\n/* a { */ { // b \" }\r\n \"k\" /*:*/ : -1.5e2 ,\"l\":[true,\"x\\\"y\" , null,{}],"
      "\"m\" : 7//c\n}";
  const auto root = read_document(text);
  REQUIRE(root.kind == Node::Kind::object);
  CHECK(root.at == text.find("{ // b"));
  REQUIRE(root.children.size() == 3);
  const auto& k = root.children[0];
  CHECK(k.key == "k");
  CHECK(k.key_at == text.find("\"k\""));
  CHECK(k.at == text.find("-1.5"));
  CHECK(k.number == -150);
  const auto& l = root.children[1];
  CHECK(l.key_at == text.find("\"l\""));
  CHECK(l.at == text.find('['));
  REQUIRE(l.children.size() == 4);
  CHECK(l.children[0].at == text.find("true"));
  CHECK(l.children[0].boolean);
  CHECK(l.children[1].at == text.find("\"x"));
  CHECK(l.children[1].string == "x\"y");
  CHECK(l.children[2].at == text.find("null"));
  CHECK(l.children[3].at == text.find("{}"));
  CHECK(root.children[2].key_at == text.find("\"m\""));
  CHECK(root.children[2].at == text.find("7//"));
}

TEST_CASE("read_document: numbers end where they end") {
  const auto root = read_document("[1,2 ,3\n,4/**/,5e1]");
  REQUIRE(root.children.size() == 5);
  CHECK(root.children[0].at == 1);
  CHECK(root.children[1].at == 3);
  CHECK(root.children[2].at == 6);
  CHECK(root.children[3].at == 9);
  CHECK(root.children[4].at == 15);
  CHECK(read_document("12").number == 12);
}

TEST_CASE("read_document: says where the text is wrong") {
  CHECK(wrong_at("") == 0);
  CHECK(wrong_at("  ") == 2);
  CHECK(wrong_at("{\"a\":1 \"b\":2}") == 7);
  CHECK(wrong_at("[1,,2]") == 3);
  CHECK(wrong_at("{\"a\":1,}") == 7);
  CHECK(wrong_at("{\"a\": tru}") == 6);
  CHECK(wrong_at("[\"abc\n\"]") == 1);
  CHECK(wrong_at("[\"\xff\"]") == 1);
  CHECK(wrong_at("[1e999]") == 1);
  CHECK(wrong_at("{}x") == 2);
  CHECK(wrong_at("{} /*") == 5);
  CHECK(wrong_at("{}/") == 2);
  CHECK(wrong_at(std::string("{}\0{", 4)) == 2);
  CHECK(wrong_at("{a:1}") == 1);
  CHECK(wrong_at("{}") == 3);
}

TEST_CASE("read_document: the message has neither the library's words nor the text") {
  try {
    read_document("{\"a\": \"" + std::string(1000, 'x') + "\n\"}");
    FAIL("no fault");
  } catch (const SyntaxError& error) {
    const std::string message = error.what();
    CHECK(message.starts_with("not valid JSON: invalid string"));
    CHECK(message.find("json.exception") == std::string::npos);
    CHECK(message.find("xxx") == std::string::npos);
  }
}

TEST_CASE("read_document: deep, many and large are faults, not crashes") {
  CHECK_NOTHROW(read_document(repeated("[", 32) + repeated("]", 32)));
  CHECK(wrong_at(repeated("[", 33) + repeated("]", 33)) == 32);
  CHECK(wrong_at(repeated("[", 1'000'000)) == 32);
  CHECK(wrong_at(repeated("{\"a\":", 100'000)) == 5 * 32);
  CHECK(wrong_at("[" + repeated("1,", 1'000'000) + "1]") == 1 + 2 * 999'999);
  CHECK(wrong_at(std::string(max_document_bytes + 1, ' ')) == 0);
}

TEST_CASE("Lines: positions count from 1") {
  const Lines lines("ab\n\ncd");
  const auto at = [&](std::size_t offset) {
    const auto position = lines.of(offset);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
  };
  CHECK(at(0) == "1:1");
  CHECK(at(2) == "1:3");
  CHECK(at(3) == "2:1");
  CHECK(at(4) == "3:1");
  CHECK(at(6) == "3:3");
}
