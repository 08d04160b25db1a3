#include "systemd_units/signal_name.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstring>

namespace systemd_units {
namespace {

constexpr std::string_view real_time = "SIGRTMIN";

/// Decimal digits and nothing else.
std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.front() == '-' || error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

std::optional<std::string> name_of(int signal) {
  if (signal >= SIGRTMIN && signal <= SIGRTMAX)
    return std::string(real_time) + (signal == SIGRTMIN ? "" : "+" + std::to_string(signal - SIGRTMIN));
  const char* name = signal > 0 && signal < SIGRTMIN ? ::sigabbrev_np(signal) : nullptr;
  if (name == nullptr) return std::nullopt;
  return std::string("SIG") + name;
}

} // namespace

std::optional<std::string> signal_name(std::string_view text) {
  if (const auto signal = number(text)) return name_of(*signal);
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (!name.starts_with("SIG")) name.insert(0, "SIG");
  const int signal = signal_number(name);
  return signal == 0 ? std::nullopt : name_of(signal);
}

int signal_number(std::string_view name) {
  if (name == real_time) return SIGRTMIN;
  if (name.starts_with(real_time) && name.size() > real_time.size() + 1 && name[real_time.size()] == '+') {
    const auto more = number(name.substr(real_time.size() + 1));
    return more && *more <= SIGRTMAX - SIGRTMIN ? SIGRTMIN + *more : 0;
  }
  for (int signal = 1; signal < SIGRTMIN; ++signal)
    if (name_of(signal) == name) return signal;
  return 0;
}

} // namespace systemd_units
