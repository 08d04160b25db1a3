#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace systemd_units {

/// A signal as people name it (`HUP`, `SIGHUP`, `hup`, `1`, `RTMIN+3`) as systemctl takes it on every
/// machine: `SIGHUP`, `SIGRTMIN+3`. nullopt: there is no such signal.
std::optional<std::string> signal_name(std::string_view text);

/// The number that such a name has on this machine; 0: none.
int signal_number(std::string_view name);

} // namespace systemd_units
