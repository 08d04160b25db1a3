#include "cli/output.hpp"

#include "cli/standard_error.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace cli {

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
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
      continue;
    }
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
    result += escaped.data();
  }
  return result;
}

} // namespace cli
