#include "systemd_units/unit_state.hpp"

#include "systemd_units/properties.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace systemd_units {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The first number of `/proc/uptime`, seconds with two decimals (proc(5)).
Microseconds parse_uptime(std::string_view line) {
  constexpr std::int64_t most_seconds = 1'000'000'000'000;
  std::int64_t seconds = 0;
  std::int64_t hundredths = 0;
  const auto* const end = line.data() + line.size();
  auto [at, error] = std::from_chars(line.data(), end, seconds);
  const bool has_fraction = error == std::errc{} && end - at >= 3 && *at == '.';
  if (has_fraction) {
    const auto* const fraction_end = at + 3;
    const auto [fraction_at, fraction_error] = std::from_chars(at + 1, fraction_end, hundredths);
    if (fraction_error == std::errc{} && fraction_at == fraction_end && hundredths >= 0 && seconds >= 0 &&
        seconds < most_seconds && (fraction_at == end || *fraction_at == ' '))
      return std::chrono::seconds(seconds) + Microseconds(hundredths * 10'000);
  }
  throw std::invalid_argument("not a clock's line: '" + std::string(line.substr(0, 40)) + "'");
}

/// Takes one unit's lines and the blank line after them.
UnitState take_block(std::string_view& text) {
  UnitState state;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty()) break;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      throw std::invalid_argument("not a property: '" + std::string(line.substr(0, 40)) + "'");
    set_property(state, line.substr(0, equals), line.substr(equals + 1));
  }
  if (state.id.empty() || state.load_state.empty())
    throw std::invalid_argument("a unit without Id and LoadState");
  return state;
}

} // namespace

UnitsReading parse_units_reading(std::string_view text, std::size_t expected) {
  UnitsReading reading;
  reading.now = parse_uptime(take_line(text));
  while (!text.empty())
    reading.units.push_back(take_block(text));
  if (reading.units.size() != expected)
    throw std::invalid_argument("asked for " + std::to_string(expected) + " units, read " +
                                std::to_string(reading.units.size()));
  return reading;
}

} // namespace systemd_units
