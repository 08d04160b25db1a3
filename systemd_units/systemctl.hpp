#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace systemd_units {

enum class Verb { start, stop, restart, reload, kill, reset_failed, enable, disable };

std::string_view to_string(Verb verb);

/// What is asked for a unit. A verb alone is one, but for `kill`.
struct Request {
  Request(Verb what) : verb(what) {} // NOLINT(google-explicit-constructor): a verb is a request
  Request(Verb what, std::string which) : verb(what), signal(std::move(which)) {}

  Verb verb;
  std::string signal; ///< of `kill`: a name as signal_name() gives it

  auto
  operator<=>(const Request&) const = default; // NOLINT(modernize-use-nullptr): sees an old-style null in <=>
};

/// The argument vector that reads units' states and the host's clock in one process tree, LC_ALL=C, for
/// parse_units_reading. Unit names are arguments of the shell's, never part of its script. The clock is read
/// first, so that an age which is computed from it is never too high. \throws std::invalid_argument where
/// there are no units.
std::vector<std::string> read_units_command(std::span<const std::string> units);

/// `systemctl --no-ask-password VERB UNIT`; with sudo exactly `sudo -n /usr/bin/systemctl --no-ask-password
/// VERB UNIT`; a kill has `--signal=NAME` behind its verb. LC_ALL=C is set in front where there is no sudo.
/// It waits for the job.
std::vector<std::string> change_command(const Request& request, const std::string& unit, bool with_sudo);

/// `sudo -n -l` with the exact command: exits 0 where the right is there, also where only a password would
/// open it (measured with sudo 1.9.13: then the command itself says so, and says_no_privilege hears it).
std::vector<std::string> may_sudo_command(const Request& request, const std::string& unit);

/// True where a failed systemctl's message says that the right was missing (one fixed list of phrases).
bool says_no_privilege(std::string_view message);

} // namespace systemd_units
