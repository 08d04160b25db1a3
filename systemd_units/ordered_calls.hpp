#pragma once

#include "systemd_units/systemctl.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace systemd_units {

/// The argument vector of one process that makes a request for several units with the user's own rights, one
/// call after the other and LC_ALL=C. A call makes way for the next once its job is queued, so jobs run side
/// by side (where systemctl's debug log does not say it, once it has ended). A call that is refused for want
/// of privilege is the last, and so is the one that is made when nobody reads any more. It ends when all jobs
/// have. Units are arguments, never part of a script. \throws std::invalid_argument where there are no units.
std::vector<std::string> ordered_calls_command(const Request& request, std::span<const std::string> units);

/// The argument vector of one process that makes a request for several units with sudo, for each exactly the
/// call of change_command() and LC_ALL=C. All calls are made at once: none waits for another's job. It ends
/// when all have. \throws std::invalid_argument where there are no units.
std::vector<std::string> sudo_calls_command(const Request& request, std::span<const std::string> units);

/// What came of one of the calls.
struct OrderedCall {
  bool was_made = false;          ///< anything is known of it
  bool was_queued = false;        ///< systemd has taken its job; never known of one by sudo
  std::optional<int> exit_status; ///< nullopt: it has not ended
  std::string words = {};         ///< systemctl's

  /// Refused for want of privilege.
  [[nodiscard]] bool was_refused() const;
};

/// Reads what such a process wrote, in the units' order, also where it was cut off. Lines that are not its
/// own are passed over.
std::vector<OrderedCall> parse_ordered_calls(std::string_view output, std::size_t units);

} // namespace systemd_units
