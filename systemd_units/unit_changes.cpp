#include "systemd_units/unit_changes.hpp"

#include "systemd_units/bus_handles.hpp"
#include "systemd_units/bus_reply.hpp"

#include <cerrno>
#include <utility>

namespace systemd_units {
namespace {

int note_change(sd_bus_message* /*message*/, void* changed, sd_bus_error* /*error*/) noexcept {
  *static_cast<bool*>(changed) = true;
  return 0;
}

} // namespace

struct UnitChanges::State {
  BusPtr bus = open_system_bus();
  bool changed = false;

  /// The match lives as long as the connection.
  void listen(const char* path, const char* interface, const char* signal) {
    checked(
        sd_bus_match_signal(bus.get(), nullptr, systemd_name, path, interface, signal, note_change, &changed),
        "listening for changes");
  }
};

UnitChanges::UnitChanges(std::span<const std::string> units) : state_(std::make_unique<State>()) {
  for (const auto& unit : units)
    state_->listen(unit_path(unit).c_str(), properties_interface, "PropertiesChanged");
  state_->listen(manager_path, manager_interface, "Reloading");
  checked(sd_bus_call_method(state_->bus.get(), systemd_name, manager_path, manager_interface, "Subscribe",
                             nullptr, nullptr, ""),
          "systemd's Subscribe");
}

UnitChanges::~UnitChanges() = default;

bool UnitChanges::wait(std::chrono::steady_clock::time_point deadline) {
  while (true) {
    if (checked(sd_bus_process(state_->bus.get(), nullptr), "waiting for changes") > 0) continue;
    if (std::exchange(state_->changed, false)) return true;
    const auto left = microseconds_until(deadline);
    if (left == 0) return false;
    const int waited = sd_bus_wait(state_->bus.get(), left);
    if (waited != -EINTR) checked(waited, "waiting for changes");
  }
}

} // namespace systemd_units
