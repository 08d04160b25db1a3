#pragma once

#include "systemd_units/systemctl.hpp"

#include <span>
#include <string>

namespace systemd_units {

/// The line of a sudoers file (sudoers(5)) that lets a user make exactly these calls of change_command(),
/// with sudo.
std::string sudoers_line(const std::string& user, std::span<const Request> requests, const std::string& unit);
inline std::string sudoers_line(const std::string& user, const Request& request, const std::string& unit) {
  return sudoers_line(user, std::span(&request, 1), unit);
}

/// The rule (polkit(8), a file of /etc/polkit-1/rules.d) that lets a user do exactly these with exactly this
/// unit; empty where enable or disable is among them: the right to them can't be narrowed to a unit.
std::string polkit_rule(const std::string& user, std::span<const Request> requests, const std::string& unit);
inline std::string polkit_rule(const std::string& user, const Request& request, const std::string& unit) {
  return polkit_rule(user, std::span(&request, 1), unit);
}

/// What would grant these, for people: the line, and the rule where there is one.
std::string grant_hint(const std::string& user, std::span<const Request> requests, const std::string& unit);

} // namespace systemd_units
