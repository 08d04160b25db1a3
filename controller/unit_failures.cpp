#include "controller/unit_failures.hpp"

#include "systemd_units/grant_files.hpp"
#include "systemd_units/grants.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace controller {
namespace {

using systemd_units::UnitState;

/// Exit statuses by which systemd says that it never got to run the program (systemd.exec(5)).
constexpr int exit_exec = 203;
constexpr int exit_user = 217;
constexpr int exit_credentials = 243;

std::string hint(const UnitState& state) {
  if (state.exec_main_code == CLD_EXITED && state.exec_main_status == exit_exec)
    return "its program could not be run: look at ExecStart";
  if (state.exec_main_code == CLD_EXITED && state.exec_main_status == exit_user)
    return "its user does not exist: look at User";
  if (state.exec_main_code == CLD_EXITED && state.exec_main_status == exit_credentials)
    return "a file that systemd was to hand it is not there: look at LoadCredential";
  return "journalctl -u " + state.id + " on that host";
}

std::string reason(const UnitState& state) {
  if (state.result == "timeout") return "timeout, systemd waited in vain (TimeoutStartSec, TimeoutStopSec)";
  return systemd_units::describe_failure(state);
}

} // namespace

std::optional<Failure> unloadable(const UnitState& state) {
  if (state.load_state == "not-found")
    return Failure{FailureClass::no_such_unit, "no such unit: " + state.id,
                   "install its unit file on that host, by hand or with: actorsctl deploy"};
  if (state.load_state == "masked")
    return Failure{FailureClass::masked, state.id + " is masked",
                   "systemctl unmask " + state.id + " on that host"};
  if (state.load_state != "loaded" && state.load_state != "merged")
    return Failure{
        FailureClass::bad_setting,
        state.id + " can't be loaded: " + (state.load_error.empty() ? state.load_state : state.load_error),
        "systemd-analyze verify " + state.id + " on that host"};
  return std::nullopt;
}

std::optional<Failure> named_by_alias(const UnitState& state, const config::Manager& manager) {
  if (state.id == manager.service) return std::nullopt;
  return Failure{FailureClass::bad_setting, manager.service + " is an alias of " + state.id,
                 "name that one in the configuration, as service of " + manager.id};
}

std::optional<Failure> oneshot_with_heartbeats(const UnitState& state, const config::Manager& manager) {
  if (state.type != "oneshot" || !manager.heartbeats) return std::nullopt;
  return Failure{FailureClass::bad_setting, state.id + " is a oneshot, which is not there to send heartbeats",
                 "set \"heartbeats\": false for " + manager.id};
}

std::string how_to_grant(const config::Host& host, const std::string& user,
                         std::span<const systemd_units::Request> requests, const std::string& unit) {
  auto by_hand = systemd_units::grant_hint(user, requests, unit);
  // Of this machine deploy grants nothing, and to nobody what amounts to root.
  const bool is_for_deploy =
      !host.is_local() && systemd_units::why_not_grantee(user).empty() &&
      std::all_of(requests.begin(), requests.end(), [](const systemd_units::Request& request) {
        return request.verb != systemd_units::Verb::enable && request.verb != systemd_units::Verb::disable;
      });
  if (!is_for_deploy) return by_hand;
  return "actorsctl deploy --host " + host.name +
         " (as an administrator: --as USER) grants it; by hand: " + by_hand;
}

Failure no_right_to(const systemd_units::Request& request, const config::Host& host, const std::string& unit,
                    const systemd_units::ChangeResult& refusal) {
  const std::string verb(to_string(request.verb));
  auto hint = how_to_grant(host, refusal.user, std::span(&request, 1), unit);
  if (!refusal.refused_unit.empty())
    return {FailureClass::privilege,
            unit + ": not begun, since " + refusal.user + " has no right to " + verb + " " +
                refusal.refused_unit + " there",
            std::move(hint)};
  return {FailureClass::privilege,
          refusal.user + " has no right to " + verb + " " + unit + ": " + refusal.message, std::move(hint)};
}

Failure not_asked(const std::string& unit, const systemd_units::ChangeResult& result) {
  const auto why = result.message.empty() ? "" : ": " + result.message;
  return {FailureClass::not_asked, unit + ": not begun, systemd was not asked in time" + why,
          "give it more time (--timeout SECONDS), or fewer managers at once"};
}

std::string result_word(const Failure& failure) {
  switch (failure.failure_class) {
  case FailureClass::settings:
  case FailureClass::resolve:
  case FailureClass::connect:
  case FailureClass::busy:
  case FailureClass::host_key:
  case FailureClass::authentication: return "unreachable";
  default: return "failed";
  }
}

Failure job_failure(const UnitState& state, const std::string& message) {
  const bool has_reason = state.result != "success" || message.empty();
  return {FailureClass::job_failed, has_reason ? state.id + ": " + reason(state) : message, hint(state)};
}

Failure did_not_stay_up(const UnitState& state) {
  const bool runs_again = state.active_state == "active" || state.active_state == "activating";
  if (state.result == "success" && !runs_again)
    return {FailureClass::job_failed,
            state.id + " did not stay up: it ended without a failure, or a condition of its unit was not met",
            hint(state)};
  std::string message = state.id + " did not stay up";
  // Of a life that runs again, the result says nothing about the one before.
  if (state.result != "success") message += ": " + reason(state);
  if (state.sub_state == "auto-restart")
    message += "; systemd is about to restart it";
  else if (runs_again)
    message += state.n_restarts > 0
                   ? "; systemd has restarted it (" + std::to_string(state.n_restarts) + " so far)"
                   : "; somebody has started it again";
  return {FailureClass::job_failed, message, hint(state)};
}

} // namespace controller
