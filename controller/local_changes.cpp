#include "controller/local_changes.hpp"

#include "systemd_units/bus.hpp"

#include <thread>

namespace controller {

LocalChanges::LocalChanges(std::span<const Chosen> chosen) {
  for (const auto& one : chosen)
    if (one.host->is_local()) units_.push_back(one.manager->service);
}

void LocalChanges::listen() {
  if (changes_ || units_.empty()) return;
  try {
    changes_ = std::make_unique<systemd_units::UnitChanges>(units_);
  } catch (const systemd_units::BusError&) { // the look says so
  }
}

bool LocalChanges::wait(Clock::time_point deadline) {
  try {
    if (changes_) return changes_->wait(deadline);
  } catch (const systemd_units::BusError&) {
    changes_.reset();
  }
  std::this_thread::sleep_until(deadline);
  return false;
}

} // namespace controller
