#include "ssh/quoting.hpp"

#include <algorithm>
#include <stdexcept>

namespace ssh {

namespace {

/// Bytes that no POSIX shell gives a meaning of its own, anywhere in a word. A leading `~` or `=` and the
/// like are not among them.
bool plain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         std::string_view("_-./:@%+,").find(byte) != std::string_view::npos;
}

} // namespace

std::string quote(std::string_view word) {
  if (word.find('\0') != std::string_view::npos)
    throw std::invalid_argument("a word of a command can't hold a NUL byte");
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string quoted = "'";
  for (const char byte : word) {
    if (byte == '\'')
      quoted += "'\\''";
    else
      quoted += byte;
  }
  return quoted + "'";
}

std::string quote_command(std::span<const std::string> arguments) {
  std::string line;
  for (const auto& argument : arguments) {
    if (!line.empty()) line += ' ';
    line += quote(argument);
  }
  return line;
}

} // namespace ssh
