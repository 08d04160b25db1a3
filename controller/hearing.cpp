#include "controller/hearing.hpp"

#include <algorithm>
#include <cmath>

namespace controller {
namespace {

using actors::registry::ManagerEntry;
using systemd_units::Microseconds;
using Seconds = std::chrono::duration<double>;

/// Our clock's latest moment at which a moment of the host's can have been.
Clock::time_point latest(const UnitReading& unit, Microseconds moment) {
  return unit.answered - std::chrono::duration_cast<Clock::duration>(age(unit, moment));
}

/// Our clock's earliest moment at which the manager's last message can have arrived. A registry that was
/// restarted has not heard those from before.
Clock::time_point earliest_message(const RegistryView& registry, const ManagerEntry& manager) {
  if (!manager.age_s) return Clock::time_point::min();
  return registry.asked - std::chrono::duration_cast<Clock::duration>(Seconds(*manager.age_s));
}

/// When the present activation began: its main process can't have spoken before it was started.
Microseconds activation(const UnitReading& unit) {
  return std::max(unit.state.inactive_exit, unit.state.exec_main_start);
}

/// Since when the unit is down for certain. systemd unloads a unit that is down and forgets when that was;
/// then it is since we saw it.
Clock::time_point down_since(const UnitReading& unit) {
  return unit.state.inactive_enter == Microseconds::zero() ? unit.answered
                                                           : latest(unit, unit.state.inactive_enter);
}

/// Whether the manager says which invocation of a unit it is, and the unit has one.
bool names_invocation(const UnitReading& unit, const ManagerEntry& manager) {
  return manager.process && manager.process->invocation_id && !unit.state.invocation_id.empty();
}

bool of_this_activation(const UnitReading& unit, const RegistryView& registry, const ManagerEntry& manager) {
  if (names_invocation(unit, manager)) return *manager.process->invocation_id == unit.state.invocation_id;
  return earliest_message(registry, manager) > latest(unit, activation(unit));
}

/// Heard, but from a process that names itself and is not the unit's main one: a container's, or a
/// stranger's.
bool of_another_process(const UnitReading& unit, const ManagerEntry& manager) {
  return !names_invocation(unit, manager) && manager.process && manager.process->pid &&
         *manager.process->pid != static_cast<std::int64_t>(unit.state.main_pid);
}

std::string why_never(const UnitReading& unit, const RegistryView& registry, const ManagerEntry* manager) {
  if (manager != nullptr && manager->online && names_invocation(unit, *manager))
    return "not heard: " + speaker(*manager) + " speaks in its name";
  if (registry.uptime < age(unit, unit.state.active_enter))
    return "not heard since the registry started " + describe(registry.uptime) + " ago";
  return "not heard so far";
}

} // namespace

bool is_active(const systemd_units::UnitState& state) {
  return state.active_state == "active" || state.active_state == "reloading" ||
         state.active_state == "refreshing";
}

bool is_down(const systemd_units::UnitState& state) {
  return state.active_state == "inactive" || state.active_state == "failed";
}

Seconds age(const UnitReading& unit, Microseconds moment) {
  return std::max(unit.host_now - moment, Microseconds::zero());
}

std::string heard_ago(const ManagerEntry& manager) {
  return manager.age_s ? describe(Seconds(*manager.age_s)) + " ago" : "before the registry was restarted";
}

Hearing hearing(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id) {
  if (!registry.reachable) return Hearing::unknown;
  const auto* manager = registry.find(manager_id);
  if (manager == nullptr || !of_this_activation(unit, registry, *manager)) return Hearing::never;
  return manager->online ? Hearing::heard : Hearing::lost;
}

std::string hearing_detail(const UnitReading& unit, const RegistryView& registry,
                           const std::string& manager_id) {
  const auto* manager = registry.find(manager_id);
  switch (hearing(unit, registry, manager_id)) {
  case Hearing::unknown: return "the registry can't be asked";
  case Hearing::lost: return "last heard " + heard_ago(*manager);
  case Hearing::heard: return of_another_process(unit, *manager) ? "heard from " + speaker(*manager) : "";
  case Hearing::never: break;
  }
  return why_never(unit, registry, manager);
}

bool heard_while_down(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id) {
  if (!registry.reachable || !is_down(unit.state)) return false;
  const auto* manager = registry.find(manager_id);
  return manager != nullptr && earliest_message(registry, *manager) > down_since(unit);
}

bool needs_another_look(const UnitReading& unit, const RegistryView& registry,
                        const std::string& manager_id) {
  if (!registry.reachable || !is_down(unit.state) || unit.state.inactive_enter != Microseconds::zero())
    return false;
  const auto* manager = registry.find(manager_id);
  return manager != nullptr && manager->online && !heard_while_down(unit, registry, manager_id);
}

std::string speaker(const ManagerEntry& manager) {
  const std::string address = manager.address.empty() ? "" : " at " + manager.address;
  if (!manager.process || !manager.process->pid) return "somebody" + address;
  auto text = "pid " + std::to_string(*manager.process->pid);
  text += manager.process->host ? " on " + *manager.process->host : address;
  if (manager.process->unit) text += " (" + *manager.process->unit + ")";
  return text;
}

std::string describe(Seconds time) {
  if (time >= std::chrono::minutes(2)) return std::to_string(std::lround(time.count() / 60)) + " min";
  return std::to_string(std::lround(time.count())) + " s";
}

} // namespace controller
