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

/// The fields of `/proc/PID/stat` from the third on; nothing where it is no such line. The second, a name in
/// parentheses, may hold anything.
std::string_view fields_after_name(std::string_view line) {
  const auto pid_end = line.find_first_not_of("0123456789");
  const auto name_end = line.rfind(") ");
  if (pid_end == 0 || pid_end == std::string_view::npos || name_end == std::string_view::npos) return {};
  if (!line.substr(pid_end).starts_with(" (") || name_end < pid_end + 2) return {};
  return line.substr(name_end + 2);
}

/// When the process of a `/proc/PID/stat` was forked (proc(5)). Its clock ticks are hundredths of a second
/// wherever systemd runs, and what the kernel counts from is the machine's boot, also in a container.
Microseconds parse_start(std::string_view line) {
  constexpr int fields_before = 19; // from the third, the state, to the 22nd
  constexpr std::int64_t most_ticks = 100'000'000'000'000;
  auto rest = fields_after_name(line);
  for (int i = 0; i < fields_before; ++i) {
    const auto space = rest.find(' ');
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  }
  std::int64_t ticks = 0;
  const auto field = rest.substr(0, rest.find(' '));
  const auto [at, error] = std::from_chars(field.data(), field.data() + field.size(), ticks);
  if (error == std::errc{} && at == field.data() + field.size() && ticks >= 0 && ticks <= most_ticks)
    return Microseconds(ticks * 10'000);
  throw std::invalid_argument("not a process's line: '" + std::string(line.substr(0, 40)) + "'");
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
  const auto uptime = parse_uptime(take_line(text));
  reading.now = std::max(uptime, parse_start(take_line(text)));
  while (!text.empty())
    reading.units.push_back(take_block(text));
  if (reading.units.size() != expected)
    throw std::invalid_argument("asked for " + std::to_string(expected) + " units, read " +
                                std::to_string(reading.units.size()));
  return reading;
}

} // namespace systemd_units
