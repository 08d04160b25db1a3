#include "ssh/wire_format.hpp"

namespace ssh::wire {

std::string encode_number(std::size_t value) {
  const auto number = static_cast<std::uint32_t>(value);
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

std::string encode_string(std::string_view bytes) {
  return encode_number(bytes.size()).append(bytes);
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char byte : text.substr(0, 4))
    value = value << 8 | static_cast<unsigned char>(byte);
  text.remove_prefix(4);
  return value;
}

std::optional<std::uint64_t> take_long_number(std::string_view& text) {
  if (text.size() < 8) return std::nullopt;
  const std::uint64_t high = *take_number(text);
  return high << 32 | *take_number(text);
}

std::optional<std::string_view> take_string(std::string_view& text) {
  auto rest = text;
  const auto length = take_number(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  const auto string = rest.substr(0, *length);
  text = rest.substr(*length);
  return string;
}

} // namespace ssh::wire
