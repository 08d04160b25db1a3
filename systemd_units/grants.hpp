#pragma once

#include "systemd_units/systemctl.hpp"

#include <string>

namespace systemd_units {

/// The line of a sudoers file (sudoers(5)) that lets a user make exactly this call of change_command(), with
/// sudo.
std::string sudoers_line(const std::string& user, const Request& request, const std::string& unit);

/// The rule (polkit(8), a file of /etc/polkit-1/rules.d) that lets a user do exactly this with exactly this
/// unit; empty for enable and disable: the right to them can't be narrowed to a unit.
std::string polkit_rule(const std::string& user, const Request& request, const std::string& unit);

} // namespace systemd_units
