#include "systemd_units/time_span.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace systemd_units {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::uint64_t microseconds;
};
constexpr std::array<Unit, 9> units{{
    {"us", 1},
    {"ms", 1'000},
    {"s", 1'000'000},
    {"min", 60'000'000},
    {"h", 3'600'000'000},
    {"d", 86'400'000'000},
    {"w", 604'800'000'000},
    {"month", 2'629'800'000'000},
    {"y", 31'557'600'000'000},
}};

[[noreturn]] void refuse_time_span(std::string_view text) {
  throw std::invalid_argument("not a time span: '" + std::string(text.substr(0, 40)) + "'");
}

std::string_view take(std::string_view& text, std::string_view characters) {
  const auto length = std::min(text.find_first_not_of(characters), text.size());
  const auto taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

/// One part, `1.500ms`. \param rest what follows it.
std::uint64_t take_part(std::string_view& rest, std::string_view whole_text) {
  constexpr std::string_view digits = "0123456789";
  const auto integer = take(rest, digits);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take(rest, digits);
  }
  const auto name = take(rest, "abcdefghijklmnopqrstuvwxyz");
  std::uint64_t value = 0;
  if (std::from_chars(integer.data(), integer.data() + integer.size(), value).ec != std::errc{})
    refuse_time_span(whole_text);
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    if (value > most / unit.microseconds) refuse_time_span(whole_text);
    auto sum = value * unit.microseconds;
    auto digit_worth = unit.microseconds;
    for (const char digit : fraction)
      sum += static_cast<std::uint64_t>(digit - '0') * (digit_worth /= 10);
    return sum;
  }
  refuse_time_span(whole_text);
}

} // namespace

std::optional<std::chrono::microseconds> parse_time_span(std::string_view text) {
  if (text == "infinity") return std::nullopt;
  if (text == "0") return std::chrono::microseconds(0);
  std::uint64_t sum = 0;
  auto rest = text;
  do {
    const auto part = take_part(rest, text);
    if (part > most - std::min(sum, most)) refuse_time_span(text);
    sum += part;
    if (!rest.empty() && take(rest, " ").size() != 1) refuse_time_span(text);
  } while (!rest.empty());
  return std::chrono::microseconds(static_cast<std::int64_t>(sum));
}

} // namespace systemd_units
