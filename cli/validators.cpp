#include "cli/validators.hpp"

#include "config/rules.hpp"

#include <charconv>
#include <string>

namespace cli {
namespace {

std::string seconds_fault(const std::string& text) {
  constexpr double longest = 1e6;
  double seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
  if (error == std::errc() && stopped == end && seconds > 0 && seconds <= longest) return {};
  return "expected seconds above 0, found '" + text + "'";
}

std::string endpoint_fault(const std::string& text) {
  constexpr std::size_t scheme = 6; // tcp://, ipc://
  const bool tcp = text.starts_with("tcp://") && text.find(':', scheme) != std::string::npos;
  const bool ipc = text.starts_with("ipc://") && text.size() > scheme;
  if (tcp || ipc) return {};
  return "expected tcp://HOST:PORT or ipc://PATH, found '" + text + "'";
}

std::string plain_text_fault(const std::string& text) {
  if (const auto why = config::why_not_text(text); !why.empty()) return "a value that " + why;
  return text.find_first_of("\"\\") == std::string::npos ? "" : "a value that has a quote or a backslash";
}

std::string client_name_fault(const std::string& text) {
  const auto why = config::why_not_id(text);
  return why.empty() ? "" : "a client's name " + why;
}

} // namespace

// Validators may change the text, so they are given it to write to; these only read it.
CLI::Validator seconds() {
  return {[](std::string& text) { return seconds_fault(text); }, ""};
}

CLI::Validator endpoint() {
  return {[](std::string& text) { return endpoint_fault(text); }, ""};
}

CLI::Validator not_empty() {
  return {[](std::string& text) { return std::string(text.empty() ? "expected a name, found ''" : ""); }, ""};
}

CLI::Validator plain_text() {
  return {[](std::string& text) { return plain_text_fault(text); }, ""};
}

CLI::Validator client_name() {
  return {[](std::string& text) { return client_name_fault(text); }, ""};
}

} // namespace cli
