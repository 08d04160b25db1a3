#include "controller/manager_change.hpp"

#include <cmath>
#include <utility>

namespace controller {
namespace {

using Seconds = std::chrono::duration<double>;
using systemd_units::ChangeResult;
using systemd_units::UnitState;
using systemd_units::Verb;

constexpr Seconds wait_where_unlimited{300};

bool active(const UnitState& state) {
  return state.active_state == "active" || state.active_state == "reloading";
}

bool down(const UnitState& state) {
  return state.active_state == "inactive" || state.active_state == "failed";
}

/// The longest that the unit itself allows for its jobs; nullopt: no limit.
std::optional<Seconds> job_limit(const UnitState& state) {
  if (!state.timeout_start || !state.timeout_stop) return std::nullopt;
  return Seconds(*state.timeout_start) + Seconds(*state.timeout_stop);
}

/// A failure that the unit's file has before anything is done.
std::optional<Failure> unloadable(const UnitState& state) {
  if (state.load_state == "not-found")
    return Failure{FailureClass::no_such_unit, "no such unit: " + state.id,
                   "install its unit file on that host"};
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

Failure job_failure(const UnitState& state, const std::string& message) {
  const auto reason = systemd_units::describe_failure(state);
  return {FailureClass::job_failed,
          state.result == "success" && !message.empty() ? message : state.id + ": " + reason,
          "journalctl -u " + state.id + " on that host"};
}

} // namespace

ManagerChange::ManagerChange(Operation operation, const Chosen& chosen, const ChangeOptions& options)
    : operation_(operation), chosen_(chosen), options_(options) {}

Verb ManagerChange::verb() const {
  switch (operation_) {
  case Operation::start: return Verb::start;
  case Operation::stop: return Verb::stop;
  case Operation::restart: return Verb::restart;
  }
  return Verb::start;
}

std::string ManagerChange::past() const {
  if (operation_ == Operation::restart) return "restarted";
  return was_active_ ? "already running" : "started";
}

void ManagerChange::begin(const UnitReading& before, Clock::time_point now) {
  begun_ = now;
  const auto limit = job_limit(before.state);
  const auto wait = options_.timeout ? *options_.timeout
                    : limit          ? *limit + options_.heartbeat_timeout + options_.settle
                                     : wait_where_unlimited;
  deadline_ = now + std::chrono::duration_cast<Clock::duration>(wait);
  was_active_ = active(before.state);
  if (operation_ == Operation::stop) return begin_stop(before);
  if (auto failure = unloadable(before.state))
    return finish(Outcome::End::failed, "failed", std::move(failure));
  if (operation_ == Operation::restart) begin_restart(before);
  wants_reset_failed_ = !outcome_ && before.state.active_state == "failed";
}

void ManagerChange::begin_stop(const UnitReading& before) {
  // A unit without a file can still run (its file was removed, or it was masked, while it ran).
  if (down(before.state) && before.state.job_id == 0) {
    auto failure = unloadable(before.state);
    if (failure && failure->failure_class == FailureClass::no_such_unit)
      return finish(Outcome::End::failed, "failed", std::move(failure));
    finish(Outcome::End::done, "already stopped");
  }
}

void ManagerChange::begin_restart(const UnitReading& before) {
  if (down(before.state) && !chosen_.named_literally)
    finish(Outcome::End::skipped,
           "skipped: it is " + before.state.active_state + " and was not named itself");
}

void ManagerChange::job_ended(const ChangeResult& result, const UnitReading& after, Clock::time_point now) {
  job_done_ = now;
  invocation_ = after.state.invocation_id;
  n_restarts_ = after.state.n_restarts;
  const std::string still = operation_ == Operation::stop ? "still stopping" : "still starting";
  switch (result.end) {
  case ChangeResult::End::no_privilege:
    return finish(
        Outcome::End::failed, "failed",
        Failure{FailureClass::privilege,
                "no right to " + std::string(to_string(operation_)) + " " + unit() + ": " + result.message,
                "allow it by a polkit rule or a sudoers line for exactly this unit"});
  case ChangeResult::End::failed:
    return finish(Outcome::End::failed, "failed", job_failure(after.state, result.message));
  case ChangeResult::End::timed_out:
    if (!options_.wait && (after.state.job_id != 0 || active(after.state)))
      return finish(Outcome::End::done, "accepted");
    return finish(
        Outcome::End::unfinished, still,
        Failure{FailureClass::timed_out, unit() + ": " + still + " (" + after.state.sub_state + ")",
                "systemd goes on with it; look again with: actorsctl status " + chosen_.manager->id});
  case ChangeResult::End::done: break;
  }
  if (operation_ == Operation::stop) return stop_ended(after);
  if (!options_.wait) return finish(Outcome::End::done, was_active_ ? past() : "accepted");
  waiting_for_ = "settling";
}

void ManagerChange::stop_ended(const UnitReading& after) {
  if (!down(after.state) || after.state.job_id != 0)
    return finish(Outcome::End::failed, "failed",
                  Failure{FailureClass::job_failed,
                          unit() + " is " + after.state.active_state + " again after its stop",
                          "something starts it: look at its triggers with systemctl status " + unit()});
  if (after.state.active_state != "failed") return finish(Outcome::End::done, "stopped");
  const bool killed = after.state.result == "timeout" || after.state.result == "watchdog";
  wants_clearing_ = killed;
  finish(Outcome::End::done, killed
                                 ? "stopped; it did not end by itself and had to be killed"
                                 : "stopped; it ended with " + systemd_units::describe_failure(after.state));
}

bool ManagerChange::went_wrong(const UnitReading& unit) {
  const auto& state = unit.state;
  const bool oneshot = state.type == "oneshot";
  if (oneshot && state.active_state == "inactive" && state.result == "success") return false;
  const bool same_life = state.invocation_id == invocation_ && state.n_restarts == n_restarts_;
  if (same_life && (active(state) || state.active_state == "activating") && state.sub_state != "auto-restart")
    return false;
  std::string message = state.id + " did not stay up: " + systemd_units::describe_failure(state);
  if (state.n_restarts > n_restarts_ || state.sub_state == "auto-restart") message += "; systemd restarts it";
  finish(Outcome::End::failed, "failed",
         Failure{FailureClass::job_failed, message, "journalctl -u " + state.id + " on that host"});
  return true;
}

bool ManagerChange::settled(const UnitReading& unit) {
  if (unit.state.type == "oneshot" && unit.state.active_state == "inactive") return true;
  return active(unit.state) && unit.host_now - unit.state.active_enter >= options_.settle;
}

void ManagerChange::look(const UnitReading& unit, const RegistryView& registry, Clock::time_point now) {
  if (went_wrong(unit)) return;
  const bool is_settled = settled(unit);
  const bool heartbeats = chosen_.manager->heartbeats;
  const auto heard = heartbeats ? hearing(unit, registry, chosen_.manager->id) : Hearing::heard;
  if (is_settled && heard == Hearing::heard) return finish_start(true);
  // Said only when the registry could not be asked at any moment since the unit settled.
  if (is_settled && heard == Hearing::unknown && registry.asked > job_done_) return finish_start(false);
  waiting_for_ = is_settled ? "active, not heard yet" : "settling";
  if (now < deadline_) return;
  const auto waited = std::to_string(std::lround(Seconds(now - begun_).count()));
  if (!is_settled)
    return finish(Outcome::End::unfinished, "still starting",
                  Failure{FailureClass::timed_out,
                          this->unit() + ": " + unit.state.sub_state + " after " + waited + " s",
                          "look again with: actorsctl status " + chosen_.manager->id});
  finish(Outcome::End::unfinished, "not heard",
         Failure{FailureClass::not_heard,
                 this->unit() + " is active, but the registry heard nothing of this activation within " +
                     waited + " s",
                 "does " + chosen_.manager->id +
                     " reach the registry? A manager that sends no heartbeats has"
                     " \"heartbeats\": false"});
}

void ManagerChange::finish_start(bool verified) {
  if (verified) return finish(Outcome::End::done, past());
  finish(Outcome::End::unverified, past() + ", unverified: the registry can't be asked");
}

void ManagerChange::fail(const Failure& failure) {
  const bool not_begun = failure.failure_class == FailureClass::interrupted;
  finish(not_begun ? Outcome::End::skipped : Outcome::End::failed, not_begun ? "not begun" : "failed",
         failure);
}

void ManagerChange::leave_out(const std::string& because_of) {
  const auto not_done = "not " + std::string(operation_ == Operation::stop    ? "stopped"
                                             : operation_ == Operation::start ? "started"
                                                                              : "restarted");
  finish(Outcome::End::skipped, not_done + ": " + because_of + " did not succeed",
         Failure{FailureClass::order, not_done + ": " + because_of + " comes first and did not succeed", ""});
}

void ManagerChange::finish(Outcome::End end, std::string text, std::optional<Failure> failure) {
  Outcome outcome;
  outcome.host = chosen_.host;
  outcome.manager = chosen_.manager;
  outcome.end = end;
  outcome.text = std::move(text);
  outcome.failure = std::move(failure);
  if (begun_ != Clock::time_point{}) outcome.took_s = Seconds(Clock::now() - begun_).count();
  outcome_ = std::move(outcome);
}

} // namespace controller
