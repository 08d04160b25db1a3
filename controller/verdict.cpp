#include "controller/verdict.hpp"

#include <cmath>

namespace controller {
namespace {

using Seconds = std::chrono::duration<double>;
using systemd_units::Microseconds;
using systemd_units::UnitState;

constexpr Seconds settled_after_restarts{60};

Seconds age_on_host(const UnitReading& unit, Microseconds since) {
  return unit.host_now - since;
}

/// Our clock's latest moment at which a moment of the host's can have been.
Clock::time_point latest(const UnitReading& unit, Microseconds moment) {
  return unit.answered - std::chrono::duration_cast<Clock::duration>(age_on_host(unit, moment));
}

/// Our clock's earliest moment at which the manager's last message can have arrived.
Clock::time_point earliest_message(const RegistryView& registry,
                                   const actors::registry::ManagerEntry& manager) {
  return registry.asked - std::chrono::duration_cast<Clock::duration>(Seconds(manager.age_s));
}

std::string seconds(double value) {
  if (value >= 120) return std::to_string(std::lround(value / 60)) + " min";
  return std::to_string(std::lround(value)) + " s";
}

bool active(const UnitState& state) {
  return state.active_state == "active" || state.active_state == "reloading" ||
         state.active_state == "refreshing";
}

bool down(const UnitState& state) {
  return state.active_state == "inactive" || state.active_state == "failed";
}

bool restarting(const UnitReading& unit) {
  const auto& state = unit.state;
  if (state.sub_state == "auto-restart") return true;
  return state.n_restarts > 0 && active(state) &&
         age_on_host(unit, state.active_enter) < settled_after_restarts;
}

/// While the next start is waited for, systemd still has the last exit; later it is about the process that
/// runs.
std::string restarts(const UnitState& state) {
  auto count = std::to_string(state.n_restarts) + (state.n_restarts == 1 ? " restart" : " restarts");
  if (state.sub_state != "auto-restart") return count;
  return "waits to be started again after " + systemd_units::describe_failure(state) +
         (state.n_restarts > 0 ? ", " + count + " before" : "");
}

/// Since when the unit is down for certain. systemd unloads a unit that is down and forgets when that was;
/// then it is since we saw it.
Clock::time_point down_since(const UnitReading& unit) {
  return unit.state.inactive_enter == Microseconds::zero() ? unit.answered
                                                           : latest(unit, unit.state.inactive_enter);
}

/// A heartbeat that arrived after the unit went down is somebody else's.
bool foreign(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id) {
  if (!registry.reachable || !down(unit.state)) return false;
  const auto* manager = registry.find(manager_id);
  return manager != nullptr && earliest_message(registry, *manager) > down_since(unit);
}

std::string foreign_detail(const actors::registry::ManagerEntry& manager) {
  std::string text = "heard " + seconds(manager.age_s) + " ago, but not from this unit";
  if (!manager.process) return text;
  if (manager.process->pid) text += ", pid " + std::to_string(*manager.process->pid);
  if (manager.process->host) text += " on " + *manager.process->host;
  return text;
}

/// Verdicts that systemd alone decides.
std::optional<Judgement> judge_load(const UnitState& state) {
  if (state.load_state == "not-found") return Judgement{Verdict::missing, "no such unit: " + state.id};
  if (state.load_state == "masked") return Judgement{Verdict::masked, "systemctl unmask " + state.id};
  if (state.load_state != "loaded" && state.load_state != "merged")
    return Judgement{Verdict::broken, state.load_error.empty() ? state.load_state : state.load_error};
  if (state.active_state == "deactivating") return Judgement{Verdict::stopping, state.sub_state};
  return std::nullopt;
}

std::string last_heard(const RegistryView& registry, const std::string& manager_id) {
  const auto* manager = registry.find(manager_id);
  return manager == nullptr ? "" : "last heard " + seconds(manager->age_s) + " ago";
}

/// Verdicts of an active unit, where the registry has a say.
Judgement judge_active(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                       Seconds heartbeat_timeout) {
  const auto age = age_on_host(unit, unit.state.active_enter);
  switch (hearing(unit, registry, manager_id)) {
  case Hearing::unknown: return {Verdict::unverified, "the registry can't be asked"};
  case Hearing::heard: return {Verdict::healthy, ""};
  case Hearing::lost:
    if (registry.uptime < heartbeat_timeout) return {Verdict::unverified, "the registry has just started"};
    return {Verdict::hung, last_heard(registry, manager_id)};
  case Hearing::never: break;
  }
  if (age < heartbeat_timeout)
    return {Verdict::starting, "active for " + seconds(age.count()) + ", not heard yet"};
  if (registry.uptime < heartbeat_timeout) return {Verdict::unverified, "the registry has just started"};
  return {Verdict::silent, "active for " + seconds(age.count()) + ", never heard"};
}

} // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
  case Verdict::unreachable: return "unreachable";
  case Verdict::missing: return "missing";
  case Verdict::masked: return "masked";
  case Verdict::broken: return "broken";
  case Verdict::stopping: return "stopping";
  case Verdict::restarting: return "restarting";
  case Verdict::foreign: return "foreign";
  case Verdict::failed: return "failed";
  case Verdict::stopped: return "stopped";
  case Verdict::starting: return "starting";
  case Verdict::healthy: return "healthy";
  case Verdict::unverified: return "unverified";
  case Verdict::hung: return "hung";
  case Verdict::silent: return "silent";
  }
  return "unreachable";
}

bool needs_another_look(const UnitReading& unit, const RegistryView& registry,
                        const std::string& manager_id) {
  if (!registry.reachable || !down(unit.state) || unit.state.inactive_enter != Microseconds::zero())
    return false;
  const auto* manager = registry.find(manager_id);
  return manager != nullptr && manager->online && !foreign(unit, registry, manager_id);
}

Hearing hearing(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id) {
  if (!registry.reachable) return Hearing::unknown;
  const auto* manager = registry.find(manager_id);
  if (manager == nullptr) return Hearing::never;
  bool of_this_activation = false;
  if (manager->process && manager->process->invocation_id && !unit.state.invocation_id.empty())
    of_this_activation = *manager->process->invocation_id == unit.state.invocation_id;
  else
    of_this_activation = earliest_message(registry, *manager) > latest(unit, unit.state.inactive_exit);
  if (!of_this_activation) return Hearing::never;
  return manager->online ? Hearing::heard : Hearing::lost;
}

Judgement judge(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                bool heartbeats, Seconds heartbeat_timeout) {
  const auto& state = unit.state;
  if (auto judgement = judge_load(state)) return *judgement;
  if (restarting(unit)) return {Verdict::restarting, restarts(state)};
  if (foreign(unit, registry, manager_id))
    return {Verdict::foreign, foreign_detail(*registry.find(manager_id))};
  if (state.active_state == "failed") return {Verdict::failed, systemd_units::describe_failure(state)};
  if (state.active_state == "inactive") return {Verdict::stopped, ""};
  if (state.active_state == "activating") return {Verdict::starting, state.sub_state};
  if (!active(state)) return {Verdict::broken, "unknown state " + state.active_state};
  if (!heartbeats) return {Verdict::healthy, "sends no heartbeats"};
  return judge_active(unit, registry, manager_id, heartbeat_timeout);
}

} // namespace controller
