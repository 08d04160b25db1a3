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
  using std::runtime_error::runtime_error;
};

/// How a change of one unit ended.
struct ChangeResult {
  enum class End { done, failed, no_privilege, timed_out } end = End::done;
  std::string message; ///< systemd's words where it failed: the job's result, or the D-Bus error's message
};

/// The system bus' connection to this machine's systemd (org.freedesktop.systemd1(5)). Stays on its thread. Move-only.
class Bus {
public:
  /// \throws BusError where there is no system bus.
  Bus();
  Bus(Bus&&) noexcept;
  Bus& operator=(Bus&&) noexcept;
  ~Bus();

  /// \throws BusError.
  UnitsReading read(std::span<const std::string> units, std::chrono::steady_clock::time_point deadline);

  /// Makes the jobs (mode `replace`) side by side and awaits each one's JobRemoved. Results in order.
  /// \throws BusError.
  std::vector<ChangeResult> change(Verb verb, std::span<const std::string> units,
                                   std::chrono::steady_clock::time_point deadline);

  /// systemd's version, as `systemctl --version` has it. \throws BusError.
  std::string systemd_version();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace systemd_units
