#include "cli/output.hpp"

#include "cli/standard_error.hpp"
#include "registry_core/protocol/utf8.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace cli {
namespace {

/// Of a well-formed sequence of more than one byte.
char32_t code_point(std::string_view character) {
  constexpr unsigned tail_bits = 6;
  constexpr unsigned tail_mask = 0x3F;
  const unsigned head_mask = 0xFFU >> (character.size() + 1);
  char32_t point = static_cast<unsigned char>(character.front()) & head_mask;
  for (const char byte : character.substr(1))
    point = (point << tail_bits) | (static_cast<unsigned char>(byte) & tail_mask);
  return point;
}

/// The C1 controls, which begin what ESC begins (ECMA-48), and what turns the direction of the text around it
/// or ends a line (Unicode's Bidi_Control, UAX 9; U+2028 and U+2029): a name could look like another one.
bool acts_on_terminals(char32_t point) {
  return (point >= 0x80 && point <= 0x9F) || point == 0x061C || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

void append_escaped(std::string& text, const char* format, unsigned value) {
  std::array<char, 16> escaped{};
  std::snprintf(escaped.data(), escaped.size(), format, value);
  text += escaped.data();
}

} // namespace

void print(std::string_view text) {
  erase_live_line();
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "standard output");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void print_json(const Json& object) {
  print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void print_json_line(const Json& object) {
  print(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json error_json(int exit_code, const std::vector<std::string>& lines) {
  Json json;
  json["error"]["exit_code"] = exit_code;
  json["error"]["messages"] = lines;
  return json;
}

bool reader_is_gone() noexcept {
  pollfd descriptor{STDOUT_FILENO, 0, 0};
  return ::poll(&descriptor, 1, 0) == 1 && (descriptor.revents & (POLLERR | POLLHUP)) != 0;
}

void complain(const std::string& line) {
  write_error_line("actorsctl: " + harmless(line));
}

std::string line_for_host(const std::string& host, const controller::Failure& failure) {
  std::string line = "host " + host + ": " + failure.message;
  if (failure.hint.empty()) return line;
  const bool trust = failure.hint.starts_with("actorsctl hosts trust");
  return line + (trust ? "; if that is right: " : "; ") + failure.hint;
}

Json failure_json(const controller::Failure& failure) {
  Json json;
  json["class"] = controller::to_string(failure.failure_class);
  json["message"] = failure.message;
  if (!failure.hint.empty()) json["hint"] = failure.hint;
  return json;
}

std::string harmless(std::string_view text) {
  std::string result;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const std::size_t length = protocol::utf8_length(at, end);
    const std::string_view character(at, std::max<std::size_t>(length, 1));
    if (length > 1 && acts_on_terminals(code_point(character))) {
      append_escaped(result, "\\u%04x", code_point(character));
    } else if (length == 0 || character == "\x7f") {
      append_escaped(result, "\\x%02x", static_cast<unsigned char>(*at));
    } else {
      result += character;
    }
    at += character.size();
  }
  return result;
}

} // namespace cli
