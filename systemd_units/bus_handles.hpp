#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace systemd_units {

inline constexpr const char* systemd_name = "org.freedesktop.systemd1";
inline constexpr const char* manager_path = "/org/freedesktop/systemd1";
inline constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";
inline constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";

struct BusClose {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct MessageUnref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
struct SlotUnref {
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};
using BusPtr = std::unique_ptr<sd_bus, BusClose>;
using Message = std::unique_ptr<sd_bus_message, MessageUnref>;
using Slot = std::unique_ptr<sd_bus_slot, SlotUnref>;

/// A connection to the system bus that is there. \throws BusError.
BusPtr open_system_bus();

/// The D-Bus object that a unit is. \throws BusError.
std::string unit_path(const std::string& unit);

/// What is left until then: 0 where it has passed, which sd_bus_call() would take for its default.
std::uint64_t microseconds_until(std::chrono::steady_clock::time_point deadline);

} // namespace systemd_units
