#include "controller/manager_change.hpp"

#include "controller/unit_failures.hpp"

#include <cmath>
#include <utility>

namespace controller {
namespace {

using Seconds = std::chrono::duration<double>;
using systemd_units::ChangeResult;
using systemd_units::UnitState;
using systemd_units::Verb;

constexpr Seconds wait_where_unlimited{300};
/// Until the registry's check, every second, sees that a timeout has passed.
constexpr Seconds until_noticed{2};

/// The longest that the unit itself allows for its jobs; nullopt: no limit.
std::optional<Seconds> job_limit(const UnitState& state) {
  if (!state.timeout_start || !state.timeout_stop) return std::nullopt;
  return Seconds(*state.timeout_start) + Seconds(*state.timeout_stop);
}

std::string look_again(const Chosen& chosen) {
  return "look again with: actorsctl status " + chosen.manager->id;
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
  begun_ = job_done_ = now;
  const auto limit = job_limit(before.state);
  const auto wait = options_.timeout ? *options_.timeout
                    : limit          ? *limit + options_.heartbeat_timeout + options_.settle
                                     : wait_where_unlimited;
  silence_ = options_.timeout.value_or(limit.value_or(wait_where_unlimited)) + options_.heartbeat_timeout +
             options_.settle + until_noticed;
  deadline_ = now + std::chrono::duration_cast<Clock::duration>(wait);
  was_active_ = is_active(before.state);
  invocation_ = before.state.invocation_id;
  n_restarts_ = before.state.n_restarts;
  job_before_ = before.state.job_id;
  if (auto failure = named_by_alias(before.state, *chosen_.manager))
    return finish(Outcome::End::failed, "failed", std::move(failure));
  if (operation_ == Operation::stop)
    begin_stop(before);
  else
    begin_start(before);
}

void ManagerChange::begin_stop(const UnitReading& before) {
  // A unit without a file can still run: its file was removed, or it was masked, while it ran.
  if (!is_down(before.state) || before.state.job_id != 0) return;
  auto failure = unloadable(before.state);
  if (failure && failure->failure_class == FailureClass::no_such_unit)
    return finish(Outcome::End::failed, "failed", std::move(failure));
  finish(Outcome::End::done, "already stopped");
}

void ManagerChange::begin_start(const UnitReading& before) {
  const auto& state = before.state;
  if (auto failure = unloadable(state)) return finish(Outcome::End::failed, "failed", std::move(failure));
  if (auto failure = oneshot_with_heartbeats(state, *chosen_.manager))
    return finish(Outcome::End::failed, "failed", std::move(failure));
  if (operation_ == Operation::restart && is_down(state) && !chosen_.named_literally)
    return finish(Outcome::End::skipped,
                  "skipped: it is " + state.active_state + " and was not named itself");
  wants_reset_failed_ = state.active_state == "failed";
  wants_job_ = operation_ == Operation::restart || !was_active_ || state.job_id != 0;
  counts_from_zero_ = wants_job_ && (operation_ == Operation::restart || is_down(state));
  if (wants_job_) return;
  waiting_for_ = "already active";
  if (!options_.wait) finish(Outcome::End::done, past());
}

void ManagerChange::job_ended(const ChangeResult& result, const UnitReading& after, Clock::time_point now) {
  job_done_ = now;
  const bool taken_up = shows_its_job(result, after.state);
  up_after_ = !is_down(after.state);
  invocation_ = latest_life_ = after.state.invocation_id;
  // A higher count means that what this job started is dead already, whatever runs now.
  n_restarts_ = counts_from_zero_ ? 0 : after.state.n_restarts;
  switch (result.end) {
  case ChangeResult::End::no_privilege:
    return finish(Outcome::End::failed, "failed", no_right_to(verb(), *chosen_.host, unit(), result));
  case ChangeResult::End::failed:
    return finish(Outcome::End::failed, "failed", job_failure(after.state, result.message));
  case ChangeResult::End::timed_out:
  case ChangeResult::End::not_asked: return job_timed_out(result, after, taken_up);
  case ChangeResult::End::done: return job_over(after);
  }
}

void ManagerChange::job_over(const UnitReading& after) {
  if (operation_ == Operation::stop) return stop_ended(after);
  if (!options_.wait) return finish(Outcome::End::done, was_active_ ? past() : "accepted");
  waiting_for_ = "settling";
}

/// Whether the unit shows that systemd has been asked, where nobody has heard so. That it is active does for
/// a start alone: before a stop or restart it was that as well.
bool ManagerChange::shows_its_job(const ChangeResult& result, const UnitState& after) const {
  const bool is_anothers = result.end == ChangeResult::End::not_asked && after.job_id == job_before_;
  if (after.job_id != 0 && !is_anothers) return true;
  if (operation_ == Operation::stop) return is_down(after);
  return after.invocation_id != invocation_ || (operation_ == Operation::start && is_active(after));
}

void ManagerChange::no_sign_of_job(const ChangeResult& result, const UnitReading& after) {
  if (result.end == ChangeResult::End::not_asked)
    return finish(Outcome::End::failed, "not begun", not_asked(unit(), result));
  job_left_ = true;
  finish(Outcome::End::unfinished, "no answer",
         Failure{FailureClass::timed_out,
                 unit() + ": no answer to its " + std::string(to_string(operation_)) +
                     ", and no job is seen (" + after.state.sub_state + ")",
                 "it may still come; " + look_again(chosen_)});
}

void ManagerChange::job_timed_out(const ChangeResult& result, const UnitReading& after, bool taken_up) {
  if (!taken_up) return no_sign_of_job(result, after);
  if (after.state.job_id == 0) { // it ended before this reading
    if (operation_ != Operation::stop && is_down(after.state) && after.state.result != "success")
      return finish(Outcome::End::failed, "failed", job_failure(after.state, ""));
    return job_over(after);
  }
  job_left_ = true;
  if (!options_.wait) return finish(Outcome::End::done, "accepted");
  const std::string still = operation_ == Operation::stop ? "still stopping" : "still starting";
  finish(Outcome::End::unfinished, still,
         Failure{FailureClass::timed_out, unit() + ": " + still + " (" + after.state.sub_state + ")",
                 "systemd goes on with it; " + look_again(chosen_)});
}

bool ManagerChange::wants_announcement_back() const {
  if (!announced_ || !finished() || job_left_) return false;
  const bool failed = outcome_->end == Outcome::End::failed;
  if (operation_ == Operation::stop) return failed && up_after_;
  return failed || options_.wait; // without waiting nobody knows when it is over
}

void ManagerChange::stop_ended(const UnitReading& after) {
  if (!is_down(after.state) || after.state.job_id != 0)
    return finish(Outcome::End::failed, "failed",
                  Failure{FailureClass::job_failed,
                          unit() + " is " + after.state.active_state + " again after its stop",
                          "something starts it: look at its triggers with systemctl status " + unit()});
  if (after.state.active_state != "failed") return finish(Outcome::End::done, "stopped");
  wants_clearing_ = after.state.result == "timeout" || after.state.result == "watchdog";
  finish(Outcome::End::done, wants_clearing_
                                 ? "stopped; it did not end by itself and had to be killed"
                                 : "stopped; it ended with " + systemd_units::describe_failure(after.state));
}

std::string ManagerChange::failed_life() const {
  if (!outcome_ || !outcome_->failure || operation_ == Operation::stop) return {};
  const auto why = outcome_->failure->failure_class;
  const bool is_its_own =
      why == FailureClass::job_failed || why == FailureClass::not_heard || why == FailureClass::timed_out;
  return is_its_own ? latest_life_ : std::string();
}

void ManagerChange::quote(std::vector<std::string> journal, std::string problem) {
  outcome_->journal = std::move(journal);
  outcome_->journal_problem = std::move(problem);
}

void ManagerChange::clearing_failed() {
  outcome_->text += "; systemd keeps it as failed, reset-failed was refused";
}

bool ManagerChange::is_still_up(const UnitReading& unit) const {
  const auto& state = unit.state;
  if (state.type == "oneshot" && state.active_state == "inactive" && state.result == "success") return true;
  if (state.invocation_id != invocation_ || state.n_restarts != n_restarts_) return false;
  return is_active(state) || (state.active_state == "activating" && state.sub_state != "auto-restart");
}

std::optional<std::string> ManagerChange::went_down(const UnitReading& unit) const {
  if (is_still_up(unit)) return std::nullopt;
  return did_not_stay_up(unit.state).message;
}

bool ManagerChange::settled(const UnitReading& unit) const {
  if (unit.state.type == "oneshot" && unit.state.active_state == "inactive") return true;
  return is_active(unit.state) && age(unit, unit.state.active_enter) >= options_.settle;
}

void ManagerChange::look(const UnitReading& unit, const RegistryView& registry, Clock::time_point now) {
  latest_life_ = unit.state.invocation_id;
  if (!is_still_up(unit)) return finish(Outcome::End::failed, "failed", did_not_stay_up(unit.state));
  const bool is_settled = settled(unit);
  const auto heard =
      chosen_.manager->heartbeats ? hearing(unit, registry, chosen_.manager->id) : Hearing::heard;
  if (is_settled && heard == Hearing::heard) return finish(Outcome::End::done, past());
  // Said only when the registry was asked in vain after the job was done.
  if (is_settled && heard == Hearing::unknown && registry.asked > job_done_)
    return finish(Outcome::End::unverified, past() + ", unverified: the registry can't be asked");
  waiting_for_ = is_settled ? "active, not heard yet" : "settling";
  if (now >= deadline_) deadline_passed(unit, registry, is_settled, now);
}

void ManagerChange::deadline_passed(const UnitReading& unit, const RegistryView& registry, bool settled,
                                    Clock::time_point now) {
  const auto waited = describe(now - begun_);
  if (is_active(unit.state) && !settled)
    return finish(
        Outcome::End::unfinished, "not settled",
        Failure{FailureClass::timed_out,
                this->unit() + " runs, but not yet for settle_s (" + describe(options_.settle) + ")",
                look_again(chosen_)});
  if (!settled)
    return finish(Outcome::End::unfinished, "still starting",
                  Failure{FailureClass::timed_out,
                          this->unit() + ": " + unit.state.sub_state + " after " + waited,
                          look_again(chosen_)});
  const bool hung = hearing(unit, registry, chosen_.manager->id) == Hearing::lost;
  finish(Outcome::End::unfinished, hung ? "hung" : "not heard",
         Failure{FailureClass::not_heard,
                 this->unit() + " is active, but within " + waited +
                     " the registry did not hear it: " + hearing_detail(unit, registry, chosen_.manager->id),
                 hung ? "actorsctl restart " + chosen_.manager->id
                      : "does " + chosen_.manager->id +
                            " reach the registry? One that sends no heartbeats has " +
                            "\"heartbeats\": false"});
}

void ManagerChange::fail(const Failure& failure) {
  if (failure.failure_class == FailureClass::interrupted)
    return finish(Outcome::End::skipped, "not begun", failure);
  if (!handed_over_) return finish(Outcome::End::failed, result_word(failure), failure);
  auto told = failure;
  told.message += ", after systemd was asked to " + std::string(to_string(operation_)) + " " + unit();
  told.hint = "what came of it is not known; " + look_again(chosen_);
  finish(Outcome::End::unfinished, "unknown: the link broke after systemd was asked", std::move(told));
}

void ManagerChange::leave_out(FailureClass failure_class, const std::string& why) {
  const auto not_done = "not " + std::string(operation_ == Operation::stop    ? "stopped"
                                             : operation_ == Operation::start ? "started"
                                                                              : "restarted");
  finish(Outcome::End::skipped, not_done + ": " + why, Failure{failure_class, not_done + ": " + why, ""});
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
