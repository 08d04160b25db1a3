#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace systemd_units {

using Microseconds = std::chrono::microseconds;

/// What systemd says of one unit. Times are on the host's CLOCK_MONOTONIC; zero: never.
struct UnitState {
  std::string id;
  std::string load_state;   ///< loaded, not-found, bad-setting, error, masked, …
  std::string load_error;   ///< systemd's message where loading failed
  std::string active_state; ///< active, reloading, inactive, failed, activating, deactivating
  std::string sub_state;    ///< running, exited, auto-restart, …
  std::string type;         ///< simple, notify, oneshot, …
  std::string unit_file_state;
  std::string result; ///< success, exit-code, signal, timeout, …
  std::string invocation_id;
  std::uint32_t n_restarts = 0;
  std::uint32_t main_pid = 0;
  std::uint32_t job_id = 0; ///< zero: no job is queued or running
  int exec_main_code = 0;   ///< CLD_EXITED, CLD_KILLED, CLD_DUMPED; zero: none yet
  int exec_main_status = 0; ///< exit status or signal number
  Microseconds active_enter{}, inactive_exit{}, inactive_enter{}, exec_main_start{};
  std::optional<Microseconds> timeout_start, timeout_stop; ///< nullopt: infinity
  bool need_daemon_reload = false;
};

/// The units of a host and that host's clock at the time of reading.
struct UnitsReading {
  std::vector<UnitState> units; ///< in the order asked for
  /// The host's clock just before the units were read. Over this machine's bus CLOCK_MONOTONIC; from a
  /// command line /proc/uptime, which is CLOCK_BOOTTIME to 10 ms: there is no program everywhere that prints
  /// the other. In a container of LXC's it is the container's, while systemd's times are the machine's: there
  /// it is the start of a process, by the machine's clock. The two clocks differ by the time a host has been
  /// suspended, on which an age computed from `now` is too high by as much; in a time namespace by what its
  /// offsets differ.
  Microseconds now{};
};

/// Reads the output of the command line of `read_units_command` (systemctl.hpp): `/proc/uptime`, then the
/// `/proc/PID/stat` of a process that was forked for it (proc(5), `starttime`), of which the later one
/// counts, then blocks of `Property=value` lines as `systemctl show` prints them, one a unit. \throws
/// std::invalid_argument where it is not that, or the number of blocks is not `expected`.
UnitsReading parse_units_reading(std::string_view text, std::size_t expected);

/// `exit-code (status=1/FAILURE)`, `signal (KILL)`, `timeout`: systemd's reason for a failure, for people.
/// Exit statuses have the names of systemd.exec(5).
std::string describe_failure(const UnitState& state);

} // namespace systemd_units
