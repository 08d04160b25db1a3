#include "controller/verdict.hpp"

#include <optional>
#include <utility>

namespace controller {
namespace {

using Seconds = std::chrono::duration<double>;
using systemd_units::UnitState;

constexpr Seconds settled_after_restarts{60};

bool restarting(const UnitReading& unit) {
  const auto& state = unit.state;
  if (state.sub_state == "auto-restart") return true;
  return state.n_restarts > 0 && is_active(state) && age(unit, state.active_enter) < settled_after_restarts;
}

/// While the next start is waited for, systemd still has the last exit; later it has that of the process that
/// runs.
std::string restarts(const UnitState& state) {
  auto count = std::to_string(state.n_restarts) + (state.n_restarts == 1 ? " restart" : " restarts");
  if (state.sub_state != "auto-restart") return count;
  return "waits to be started again after " + systemd_units::describe_failure(state) +
         (state.n_restarts > 0 ? ", " + count + " before" : "");
}

std::string foreign_detail(const actors::registry::ManagerEntry& manager) {
  return "heard " + heard_ago(manager) + ", but not from this unit: " + speaker(manager);
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

/// Verdicts of an active unit, where the registry has a say.
Judgement judge_active(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                       Seconds heartbeat_timeout) {
  const auto active_for = age(unit, unit.state.active_enter);
  const auto heard = hearing(unit, registry, manager_id);
  auto detail = hearing_detail(unit, registry, manager_id);
  if (heard == Hearing::unknown) return {Verdict::unverified, std::move(detail)};
  if (heard == Hearing::heard) return {Verdict::healthy, std::move(detail)};
  if (heard == Hearing::never) {
    detail = "active for " + describe(active_for) + ", " + detail;
    if (active_for < heartbeat_timeout) return {Verdict::starting, std::move(detail)};
  }
  if (registry.uptime < heartbeat_timeout) return {Verdict::unverified, "the registry has just started"};
  return {heard == Hearing::lost ? Verdict::hung : Verdict::silent, std::move(detail)};
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

Judgement judge(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                bool heartbeats, Seconds heartbeat_timeout) {
  const auto& state = unit.state;
  if (auto judgement = judge_load(state)) return *judgement;
  if (restarting(unit)) return {Verdict::restarting, restarts(state)};
  if (heard_while_down(unit, registry, manager_id))
    return {Verdict::foreign, foreign_detail(*registry.find(manager_id))};
  if (state.active_state == "failed") return {Verdict::failed, systemd_units::describe_failure(state)};
  if (state.active_state == "inactive") return {Verdict::stopped, ""};
  if (state.active_state == "activating") return {Verdict::starting, state.sub_state};
  if (!is_active(state)) return {Verdict::broken, "unknown state " + state.active_state};
  if (!heartbeats) return {Verdict::healthy, "sends no heartbeats"};
  return judge_active(unit, registry, manager_id, heartbeat_timeout);
}

} // namespace controller
