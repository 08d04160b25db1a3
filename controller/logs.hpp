#pragma once

#include "controller/fan_out.hpp"
#include "controller/targets.hpp"
#include "systemd_units/journal.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>

namespace controller {

/// What is read and who is told. The functions are called from several threads, one call at a time.
struct LogOptions {
  std::optional<std::size_t> lines; ///< the last over all hosts; absent: all; 0, following: only new ones
  std::optional<std::chrono::microseconds> since;
  bool follow = false;
  FanOutOptions fan_out;
  std::function<void(const Chosen&, const systemd_units::JournalEntry&)> entry;
  /// A host, following once each time it goes away; or one unit of it, which the rest does not suffer from.
  std::function<void(const config::Host&, const Failure&)> failed;
  std::function<void(const config::Host&)> back; ///< following, after `failed`
};

/// Reads the journals of the chosen managers' units, one session and one journalctl a host, and gives their
/// entries merged by time. Of a journal that breaks off what came is given, and `failed` says so. Following,
/// a host that goes away is taken up again where it was left, for as long as that may help, and nobody waits
/// longer than two seconds for another's first lines; then it returns when `cancelled` says so or no host is
/// left. A unit that is named by an alias has nothing in the journal under that name, which is said.
void read_logs(std::span<const Chosen> chosen, const LogOptions& options);

} // namespace controller
