#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

namespace systemd_units {

/// Hears of changes of some units of this machine (PropertiesChanged of org.freedesktop.systemd1(5)), on a
/// bus connection of its own. Stays on its thread.
class UnitChanges {
public:
  /// From now on. \throws BusError.
  explicit UnitChanges(std::span<const std::string> units);
  ~UnitChanges();
  UnitChanges(const UnitChanges&) = delete;
  UnitChanges& operator=(const UnitChanges&) = delete;

  /// Waits for a change that it has not returned for yet, of a unit or of all their files (daemon-reload).
  /// \returns false where there was none until the deadline. \throws BusError where the connection is lost.
  bool wait(std::chrono::steady_clock::time_point deadline);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace systemd_units
