#include "cli/validators.hpp"

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

} // namespace cli
