#pragma once

#include "controller/change.hpp"
#include "controller/hearing.hpp"
#include "systemd_units/bus.hpp"

#include <optional>
#include <string>
#include <vector>

namespace controller {

/// One manager's way through a change: a pure state machine over readings of its unit and views of the
/// registry. The caller reads, changes and waits; this decides.
class ManagerChange {
public:
  ManagerChange(Operation operation, const Chosen& chosen, const ChangeOptions& options);

  /// Looks at the unit before anything is done. Afterwards it has an outcome, wants a job, or only waits.
  void begin(const UnitReading& before, Clock::time_point now);

  [[nodiscard]] bool finished() const { return outcome_.has_value(); }
  [[nodiscard]] const Outcome& outcome() const { return *outcome_; }
  [[nodiscard]] bool wants_reset_failed() const { return wants_reset_failed_; }
  /// False where there is nothing for systemd to do: the unit is active, and only has to be heard.
  [[nodiscard]] bool wants_job() const { return wants_job_; }
  [[nodiscard]] systemd_units::Verb verb() const;
  /// By when the whole change must be done.
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  [[nodiscard]] const Chosen& chosen() const { return chosen_; }
  [[nodiscard]] const std::string& unit() const { return chosen_.manager->service; }
  [[nodiscard]] const std::string& manager_id() const { return chosen_.manager->id; }

  /// Whether the registry is to know that the manager falls silent on purpose.
  [[nodiscard]] bool wants_announcing() const {
    return operation_ != Operation::start && chosen_.manager->heartbeats;
  }
  /// By when, from begin() on, the registry will have noticed the silence, if all goes as it may.
  [[nodiscard]] std::chrono::duration<double> silence() const { return silence_; }
  void announced() { announced_ = true; }
  /// True once a silence would be a surprise again: a stop that left the unit running, a restart that is
  /// over.
  [[nodiscard]] bool wants_announcement_back() const;

  /// systemd is about to be asked: from now on a broken link leaves it open what was done.
  void handed_over() { handed_over_ = true; }

  /// What systemd answered to the job, and the unit after it.
  void job_ended(const systemd_units::ChangeResult& result, const UnitReading& after, Clock::time_point now);

  /// A later reading while it settles and is waited for.
  void look(const UnitReading& unit, const RegistryView& registry, Clock::time_point now);

  /// After it was done: why its unit is not up any more in the life that it was given; nullopt: it is.
  [[nodiscard]] std::optional<std::string> went_down(const UnitReading& unit) const;

  /// Ends it before anything is done: a manager that it comes after (or before, in a stop) did not succeed,
  /// or the whole change was stopped.
  void leave_out(FailureClass failure_class, const std::string& why);

  /// Ends it where the host's link broke or the work was not begun.
  void fail(const Failure& failure);

  /// True after a stop that had to kill: the failed state is to be cleared.
  [[nodiscard]] bool wants_clearing() const { return wants_clearing_; }
  /// It could not be cleared.
  void clearing_failed();

  /// The life whose journal explains the outcome; empty: there is nothing to explain.
  [[nodiscard]] std::string failed_life() const;
  void quote(std::vector<std::string> journal, std::string problem);

  /// What it waits for now, for people: `settling`, `not heard yet`.
  [[nodiscard]] const std::string& waiting_for() const { return waiting_for_; }

private:
  void finish(Outcome::End end, std::string text, std::optional<Failure> failure = {});
  void begin_stop(const UnitReading& before);
  void begin_start(const UnitReading& before);
  void stop_ended(const UnitReading& after);
  void job_over(const UnitReading& after);
  void job_timed_out(const systemd_units::ChangeResult& result, const UnitReading& after, bool taken_up);
  void no_sign_of_job(const systemd_units::ChangeResult& result, const UnitReading& after);
  [[nodiscard]] bool shows_its_job(const systemd_units::ChangeResult& result,
                                   const systemd_units::UnitState& after) const;
  void deadline_passed(const UnitReading& unit, const RegistryView& registry, bool settled,
                       Clock::time_point now);
  [[nodiscard]] bool is_still_up(const UnitReading& unit) const;
  [[nodiscard]] bool settled(const UnitReading& unit) const;
  [[nodiscard]] std::string past() const;

  Operation operation_;
  const Chosen& chosen_;
  const ChangeOptions& options_;
  std::optional<Outcome> outcome_;
  bool wants_reset_failed_ = false;
  bool wants_clearing_ = false;
  bool wants_job_ = true;
  bool handed_over_ = false;
  bool announced_ = false;
  bool job_left_ = false; ///< to systemd, which goes on with it, or may be about to
  bool up_after_ = false; ///< the unit ran still, or again, when the job was over
  bool was_active_ = false;
  bool counts_from_zero_ = false; ///< a start by hand sets NRestarts back
  Clock::time_point begun_, deadline_, job_done_;
  std::chrono::duration<double> silence_{};
  std::uint32_t job_before_ = 0; ///< somebody else's
  std::string invocation_;
  std::string latest_life_; ///< the unit's invocation when it was last read
  std::uint32_t n_restarts_ = 0;
  std::string waiting_for_;
};

} // namespace controller
