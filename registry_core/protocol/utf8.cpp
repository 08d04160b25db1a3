#include "registry_core/protocol/utf8.hpp"

namespace protocol {

namespace {

struct Shape {
  std::size_t length;
  unsigned char second_low, second_high; ///< the second byte's range rules out overlong forms and surrogates
};

Shape shape_of(unsigned char first) noexcept {
  if (first >= 0xC2 && first <= 0xDF) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

} // namespace

std::size_t utf8_length(const char* at, const char* end) noexcept {
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  if (byte(0) < 0x80) return byte(0) >= 0x20 ? 1 : 0;
  const Shape shape = shape_of(byte(0));
  if (shape.length == 0 || static_cast<std::size_t>(end - at) < shape.length) return 0;
  if (byte(1) < shape.second_low || byte(1) > shape.second_high) return 0;
  for (std::size_t i = 2; i < shape.length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return shape.length;
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto push = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto tail = [&](int shift) { push(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    push(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    push(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

} // namespace protocol
