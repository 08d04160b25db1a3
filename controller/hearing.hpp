#pragma once

#include "controller/registry_view.hpp"
#include "systemd_units/unit_state.hpp"

#include <chrono>
#include <string>

namespace controller {

/// One unit's state and when it was read, both on the host's clock and on ours.
struct UnitReading {
  systemd_units::UnitState state;
  std::chrono::microseconds host_now{}; ///< the host's clock just before it looked
  Clock::time_point answered;           ///< our clock when the answer was here
};

/// Whether systemd calls a state up, and whether it calls it down.
bool is_active(const systemd_units::UnitState& state);
bool is_down(const systemd_units::UnitState& state);

/// How long ago a moment of the host's clock was when the unit was read. Never below zero: what happened
/// after the clock was read happened before the host's answer was here.
std::chrono::duration<double> age(const UnitReading& unit, std::chrono::microseconds moment);

/// When an activation began and a state was entered are moments on the host's clock, a message's arrival one
/// on the registry's. Both are turned into ages and laid on this machine's clock, each to the side that makes
/// `heard` harder to say: no two machines' clocks are compared.
enum class Hearing {
  unknown, ///< the registry can't be asked
  never,   ///< nothing of this activation arrived
  heard,   ///< something did, and the manager is online
  lost,    ///< something did, and the manager is offline now
};

/// Whether the registry heard the unit's present activation: `process.invocation_id` decides where the
/// manager sends one, the ages of message and activation otherwise.
Hearing hearing(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id);

/// hearing() in words, and who else it is that speaks: `last heard 12 s ago`, `not heard: pid 2504 on h3
/// speaks in its name`. Empty where it is heard and there is nothing to add.
std::string hearing_detail(const UnitReading& unit, const RegistryView& registry,
                           const std::string& manager_id);

/// Whether a message arrived after the unit went down, so that it is somebody else's.
bool heard_while_down(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id);

/// Whether only a later view of the registry can tell: the unit is down, the manager reads online, and
/// systemd does not know any more when the unit went down.
bool needs_another_look(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id);

/// `pid 2504 on h3 (hand.service)`, as far as the manager says who it is.
std::string speaker(const actors::registry::ManagerEntry& manager);

/// `12 s ago`, or that it was before the registry was restarted.
std::string heard_ago(const actors::registry::ManagerEntry& manager);

/// `12 s`, `5 min`.
std::string describe(std::chrono::duration<double> time);

} // namespace controller
