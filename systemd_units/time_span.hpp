#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace systemd_units {

/// Reads a time span as systemd prints it (systemd.time(7), "Displaying time spans"): `1min 30s`, `1.500ms`,
/// `1month 4d 13h 30min`; nullopt for `infinity`. A month has 30.44 days, a year 365.25, as there.
/// \throws std::invalid_argument where it is none.
std::optional<std::chrono::microseconds> parse_time_span(std::string_view text);

} // namespace systemd_units
