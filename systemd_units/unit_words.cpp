#include "systemd_units/unit_words.hpp"

namespace systemd_units {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string quoted(std::string_view text, bool without_variables) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string word = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      word += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
      continue;
    }
    if (c == '"' || c == '\\') word += '\\';
    if (c == '%' || (c == '$' && without_variables)) word += c;
    word += c;
  }
  return word + "\"";
}

} // namespace

std::string plain_words(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (c == '%') words += c;
    words += is_control(c) ? ' ' : c;
  }
  // A backslash at the end would take the next line in; systemd drops the blank behind it.
  if (words.ends_with('\\')) words += ' ';
  return words;
}

std::string list_word(std::string_view text) {
  return quoted(text, false);
}

std::string exec_argument(std::string_view text) {
  return quoted(text, true);
}

} // namespace systemd_units
