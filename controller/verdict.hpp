#pragma once

#include "controller/registry_view.hpp"
#include "systemd_units/unit_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace controller {

/// One word for a manager, from what systemd says and what the registry hears.
enum class Verdict {
  unreachable,
  missing,
  masked,
  broken,
  stopping,
  restarting,
  foreign,
  failed,
  stopped,
  starting,
  healthy,
  unverified,
  hung,
  silent,
};

std::string_view to_string(Verdict verdict);

/// One unit's state and when it was read, both on the host's clock and on ours.
struct UnitReading {
  systemd_units::UnitState state;
  std::chrono::microseconds host_now{}; ///< the host's clock when it answered
  Clock::time_point answered;           ///< our clock when the answer was here
};

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

/// Whether only a later view of the registry can tell `foreign` from `stopped`: the unit is down, the manager
/// reads online, and systemd does not know any more when the unit went down.
bool needs_another_look(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id);

/// A verdict with the words behind it.
struct Judgement {
  Verdict verdict = Verdict::unreachable;
  std::string detail;
};

/// The first verdict that fits. \param heartbeats false: the manager never speaks to the registry.
Judgement judge(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                bool heartbeats, std::chrono::duration<double> heartbeat_timeout);

} // namespace controller
