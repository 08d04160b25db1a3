#include "registry_core/protocol/plain_text.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>

using namespace protocol;

namespace {

std::size_t plain_by_bytes(const std::string& text) {
  const auto first = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
  });
  return static_cast<std::size_t>(first - text.begin());
}

std::size_t printable_by_bytes(const std::string& text) {
  const auto first = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F;
  });
  return static_cast<std::size_t>(first - text.begin());
}

void compare(const std::string& text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  CAPTURE(text);
  CHECK(plain_prefix(begin, end) == plain_by_bytes(text));
  std::string copy(room_to_copy(text.size()) + 1, '#');
  const bool is_plain = plain_by_bytes(text) == text.size();
  CHECK(copy_plain(begin, text.size(), copy.data()) == is_plain);
  if (is_plain) CHECK(copy.compare(0, text.size(), text) == 0);
  CHECK(copy.back() == '#');
  CHECK(printable_prefix(begin, end) == printable_by_bytes(text));
}

} // namespace

TEST_CASE("any byte at any place of a text of any length is found where it stands") {
  for (std::size_t length = 0; length <= 24; ++length) {
    compare(std::string(length, 'x'));
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, 'x');
        text[at] = static_cast<char>(byte);
        compare(text);
      }
    }
  }
}

TEST_CASE("of two bytes that matter the first is found, also where one borrows from the other") {
  constexpr std::string_view bytes("\0\x01\x1F\x20!\"#[\\]~\x7F\x80\xFF", 14);
  for (const char first : bytes) {
    for (const char second : bytes) {
      for (std::size_t at = 0; at + 1 < 11; ++at) {
        std::string text(11, 'x');
        text[at] = first;
        text[at + 1] = second;
        compare(text);
      }
    }
  }
}

TEST_CASE("a text that the compiler packs is the same as one that is loaded") {
  CHECK(eight_bytes::packed("actor_na") == eight_bytes::load("actor_name"));
  CHECK(eight_bytes::packed("process") == eight_bytes::load_few("process", 7));
  CHECK(eight_bytes::packed("lost") == eight_bytes::load_few("lost", 4));
  CHECK(eight_bytes::packed("pid") == eight_bytes::load_few("pid", 3));
  CHECK(eight_bytes::packed("ok") == eight_bytes::load_few("ok", 2));
  CHECK(eight_bytes::packed("x") == eight_bytes::load_few("x", 1));
  CHECK(eight_bytes::packed("ab") != eight_bytes::packed("b"));
}
