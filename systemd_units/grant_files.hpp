#pragma once

#include <span>
#include <string>
#include <string_view>

namespace systemd_units {

/// What is wrong with a user's name for a file that grants rights; empty: nothing. It must begin with a
/// lower-case letter or `_` (in a sudoers file `ALL` is everybody and `OPS` may be an alias, `%x` is a
/// group), and hold letters, digits and any of `_ . -` besides.
std::string why_not_grantee(std::string_view user);

/// Files that let this user start, stop, restart, reload, signal and reset exactly these units, marked as
/// written by deploy. Neither grants enable or disable. The user must be one that why_not_grantee() has
/// nothing against.
/// A file of /etc/polkit-1/rules.d (polkit(8), from 106 on).
std::string polkit_rules_file(const std::string& user, std::span<const std::string> units);
/// A file of /etc/sudoers.d (sudoers(5)), one line a unit, without wildcards: of kill, the signals that
/// people send.
std::string sudoers_file(const std::string& user, std::span<const std::string> units);

/// Where these files belong. The user's name is part of the file's, with each `.` as `+`: sudo reads no file
/// whose name has a dot.
std::string polkit_rules_path(const std::string& user);
std::string sudoers_path(const std::string& user);

} // namespace systemd_units
