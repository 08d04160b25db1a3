#include "cli/time_argument.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace cli {
namespace {

using Moment = std::chrono::system_clock::time_point;

struct Unit {
  std::array<std::string_view, 5> names;
  std::int64_t seconds;
};
constexpr std::array<Unit, 5> units{{
    {{"s", "sec", "secs", "second", "seconds"}, 1},
    {{"m", "min", "mins", "minute", "minutes"}, 60},
    {{"h", "hr", "hrs", "hour", "hours"}, 3600},
    {{"d", "day", "days", "day", "days"}, 86400},
    {{"w", "week", "weeks", "week", "weeks"}, 604800},
}};

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  constexpr std::size_t most_digits = 10; // enough for seconds since 1970, far from overflow
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > most_digits) return std::nullopt;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

std::int64_t take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && std::isalpha(static_cast<unsigned char>(text[length])) != 0)
    ++length;
  const auto name = text.substr(0, length);
  for (const auto& unit : units)
    for (const auto known : unit.names)
      if (known == name) {
        text.remove_prefix(length);
        return unit.seconds;
      }
  return 0;
}

/// `1h 30 min`
std::optional<std::chrono::seconds> span(std::string_view text) {
  std::int64_t sum = 0;
  skip_blanks(text);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = take_number(text);
    skip_blanks(text);
    const auto unit = number ? take_unit(text) : 0;
    if (unit == 0) return std::nullopt;
    sum += *number * unit;
    skip_blanks(text);
  }
  return std::chrono::seconds(sum);
}

std::tm local(Moment moment) {
  const auto time = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return parts;
}

Moment from_local(std::tm parts) {
  parts.tm_isdst = -1; // whichever was in force then
  return std::chrono::system_clock::from_time_t(std::mktime(&parts));
}

std::optional<Moment> midnight(Moment now, int days_before) {
  auto parts = local(now);
  parts.tm_mday -= days_before;
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  return from_local(parts);
}

/// A date, a time of today, or both.
std::optional<Moment> calendar(const std::string& text, Moment now) {
  for (const char* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
                             "%Y-%m-%d", "%H:%M:%S", "%H:%M"}) {
    auto parts = local(now);
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    const auto wanted_day = std::string_view(format).starts_with("%Y") ? 0 : parts.tm_mday;
    const char* end = ::strptime(text.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    auto checked = parts;
    const auto moment = from_local(checked);
    checked = local(moment);
    const bool is_real =
        checked.tm_mday == parts.tm_mday && checked.tm_mon == parts.tm_mon; // no 31st of June
    if (is_real || wanted_day != 0) return moment;
  }
  return std::nullopt;
}

} // namespace

std::optional<Moment> moment_from(const std::string& text, Moment now) {
  if (text == "now") return now;
  if (text == "today") return midnight(now, 0);
  if (text == "yesterday") return midnight(now, 1);
  std::string_view rest = text;
  if (rest.starts_with('@')) {
    rest.remove_prefix(1);
    const auto number = take_number(rest);
    if (!number || !rest.empty()) return std::nullopt;
    return Moment(std::chrono::seconds(*number));
  }
  constexpr std::string_view ago = " ago";
  const bool is_span = rest.starts_with('-') || rest.ends_with(ago);
  if (rest.ends_with(ago)) rest.remove_suffix(ago.size());
  if (rest.starts_with('-')) rest.remove_prefix(1);
  if (!is_span) return calendar(text, now);
  const auto time = span(rest);
  if (!time) return std::nullopt;
  return now - *time;
}

} // namespace cli
