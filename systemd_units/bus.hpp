#pragma once

#include "systemd_units/systemctl.hpp"
#include "systemd_units/unit_state.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace systemd_units {

/// This machine's systemd can't be asked, or a call failed for another reason than the unit's.
class BusError : public std::runtime_error {
public:
  explicit BusError(const std::string& what, bool timed_out = false)
      : std::runtime_error(what), timed_out_(timed_out) {}
  /// No answer came in time.
  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

private:
  bool timed_out_;
};

/// How a change of one unit ended.
struct ChangeResult {
  enum class End {
    done,
    failed,
    no_privilege,
    timed_out, ///< systemd was asked, as far as is known, and it is not over
    not_asked, ///< the time was over before systemd was asked
  } end = End::done;
  std::string message = {}; ///< systemd's words where it failed: the job's result, or the D-Bus error's
                            ///< message; where not_asked, why, if more is known than that the time was over
  std::string user = {};    ///< where no_privilege: who has not the right
  std::string refused_unit =
      {}; ///< where no_privilege and nothing was tried for this unit: whose was refused
};

/// Who this process is to systemd: a user's name, or `#` and a number.
std::string own_user_name();

/// The system bus' connection to this machine's systemd (org.freedesktop.systemd1(5)). Stays on its thread.
/// Move-only.
class Bus {
public:
  /// \throws BusError where there is no system bus.
  Bus();
  Bus(Bus&&) noexcept;
  Bus& operator=(Bus&&) noexcept;
  ~Bus();

  /// The same as parse_units_reading gives for these units here; a unit that is not found is one with that
  /// load_state. `now` is CLOCK_MONOTONIC from before the first unit is read. \throws BusError.
  UnitsReading read(std::span<const std::string> units, std::chrono::steady_clock::time_point deadline);

  /// Makes the jobs (mode `replace`) side by side and awaits each one's JobRemoved; what has no job is done
  /// when systemd has answered. As with systemctl, enabling and disabling makes systemd read its units again.
  /// A missing right ends it: for the units after it nothing is tried. So does a call that systemd does not
  /// answer in time: those after it are not_asked.
  /// Results in order. A job that runs at the deadline is left to systemd: timed_out. Nobody is asked for a
  /// password. \throws BusError.
  std::vector<ChangeResult> change(const Request& request, std::span<const std::string> units,
                                   std::chrono::steady_clock::time_point deadline);

  /// systemd's version number, `252`. \throws BusError.
  std::string systemd_version();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace systemd_units
