#pragma once

#include "controller/hearing.hpp"
#include "controller/targets.hpp"
#include "systemd_units/unit_changes.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// Ends a wait when a chosen manager's unit on this machine changes. Those of other hosts are not heard of.
/// Stays on its thread.
class LocalChanges {
public:
  explicit LocalChanges(std::span<const Chosen> chosen);

  /// Hears what changes from now on, if it did not already: to be called before each look, so that what
  /// happens during one is not missed. A bus that can't be asked is tried again with the next call.
  void listen();

  /// \returns true when something has changed, false at the deadline.
  bool wait(Clock::time_point deadline);

private:
  std::vector<std::string> units_; ///< of this machine
  std::unique_ptr<systemd_units::UnitChanges> changes_;
};

} // namespace controller
