#include "controller/unit_call.hpp"

#include "controller/host_group.hpp"
#include "controller/unit_failures.hpp"
#include "systemd_units/signal_name.hpp"

#include <algorithm>
#include <utility>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Request;
using systemd_units::UnitState;

constexpr std::chrono::seconds usual_limit{30};
constexpr std::chrono::seconds limit_where_unlimited{300};

Outcome outcome(const Chosen& chosen, Outcome::End end, std::string text,
                std::optional<Failure> failure = {}) {
  Outcome result;
  result.host = chosen.host;
  result.manager = chosen.manager;
  result.end = end;
  result.text = std::move(text);
  result.failure = std::move(failure);
  return result;
}

Outcome failed(const Chosen& chosen, Failure failure) {
  auto word = result_word(failure);
  return outcome(chosen, Outcome::End::failed, std::move(word), std::move(failure));
}

bool is_enabled(const UnitState& unit) {
  return unit.unit_file_state.starts_with("enabled");
}

Outcome not_running(const Request& request, const Chosen& chosen, const UnitState& unit) {
  const auto id = chosen.manager->id;
  return outcome(chosen, Outcome::End::failed, "not running",
                 Failure{FailureClass::not_running,
                         unit.id + " is " + unit.active_state + ": there is nothing to " +
                             std::string(to_string(request.verb)),
                         "actorsctl start " + id});
}

Outcome enabled_or_not(const Request& request, const Chosen& chosen, const UnitState& after) {
  const bool wanted = request.verb == Verb::enable;
  if (is_enabled(after) == wanted)
    return outcome(chosen, Outcome::End::done, wanted ? "enabled" : "disabled");
  const auto state = after.unit_file_state.empty() ? "not enabled" : after.unit_file_state;
  if (!wanted)
    return failed(chosen, {FailureClass::job_failed, after.id + " is " + state + " still",
                           "systemctl status " + after.id + " on that host"});
  return failed(chosen, {FailureClass::bad_setting, after.id + " is " + state + ", it can't be enabled",
                         "its unit file needs an [Install] section, with WantedBy="});
}

Outcome after_done(const Request& request, const Chosen& chosen, const UnitState& before,
                   const UnitState& after) {
  switch (request.verb) {
  case Verb::reload:
    if (is_active(after) && after.invocation_id == before.invocation_id)
      return outcome(chosen, Outcome::End::done, "reloaded");
    return failed(chosen, did_not_stay_up(after));
  case Verb::kill: return outcome(chosen, Outcome::End::done, "sent " + request.signal);
  case Verb::reset_failed:
    if (after.active_state != "failed") return outcome(chosen, Outcome::End::done, "reset");
    return failed(chosen, {FailureClass::job_failed, after.id + " failed again",
                           "journalctl -u " + after.id + " on that host"});
  default: return enabled_or_not(request, chosen, after);
  }
}

/// By when the calls for these units are to be over.
Clock::duration limit(const Request& request, const UnitCallOptions& options,
                      std::span<const UnitReading> units) {
  std::chrono::duration<double> longest = usual_limit;
  if (options.timeout)
    longest = *options.timeout;
  else if (request.verb == Verb::reload) // it is bounded as a start is, systemd.service(5)
    for (const auto& unit : units)
      longest = std::max<std::chrono::duration<double>>(
          longest, unit.state.timeout_start ? std::chrono::duration<double>(*unit.state.timeout_start)
                                            : std::chrono::duration<double>(limit_where_unlimited));
  return std::chrono::duration_cast<Clock::duration>(longest);
}

/// One host's managers, on its thread.
class HostCall {
public:
  HostCall(const Request& request, std::span<const Chosen> chosen, const UnitCallOptions& options,
           const std::vector<std::size_t>& positions, std::vector<std::optional<Outcome>>& outcomes)
      : request_(request), chosen_(chosen), options_(options), positions_(positions), outcomes_(outcomes) {}

  void run(HostLink& link) {
    const auto begun = Clock::now();
    const auto before = link.read(units_of(positions_));
    std::vector<std::size_t> wanted;
    std::vector<UnitReading> found;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      outcomes_[positions_[i]] = outcome_before(request_, chosen_[positions_[i]], before[i].state);
      if (outcomes_[positions_[i]]) continue;
      wanted.push_back(positions_[i]);
      found.push_back(before[i]);
    }
    if (wanted.empty()) return;
    const auto units = units_of(wanted);
    const auto results = link.change(request_, units, begun + limit(request_, options_, found));
    const auto after = link.read(units);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      auto& outcome = outcomes_[wanted[i]];
      outcome = outcome_after(request_, chosen_[wanted[i]], found[i].state, results[i], after[i].state);
      outcome->took_s = std::chrono::duration<double>(Clock::now() - begun).count();
    }
  }

  void fail(const Failure& failure) {
    const bool not_begun = failure.failure_class == FailureClass::interrupted;
    for (const auto position : positions_)
      if (!outcomes_[position])
        outcomes_[position] = not_begun
                                  ? outcome(chosen_[position], Outcome::End::skipped, "not begun", failure)
                                  : failed(chosen_[position], failure);
  }

private:
  [[nodiscard]] std::vector<std::string> units_of(const std::vector<std::size_t>& positions) const {
    std::vector<std::string> units;
    for (const auto position : positions)
      units.push_back(chosen_[position].manager->service);
    return units;
  }

  const Request& request_;
  std::span<const Chosen> chosen_;
  const UnitCallOptions& options_;
  const std::vector<std::size_t>& positions_;
  std::vector<std::optional<Outcome>>& outcomes_;
};

} // namespace

std::optional<Outcome> outcome_before(const Request& request, const Chosen& chosen, const UnitState& unit) {
  if (auto failure = named_by_alias(unit, *chosen.manager)) return failed(chosen, std::move(*failure));
  const bool is_of_its_life = request.verb == Verb::kill || request.verb == Verb::reset_failed;
  // A unit whose file was removed or masked while it ran still runs, or failed.
  if (auto failure = unloadable(unit); failure && !(is_of_its_life && unit.active_state != "inactive"))
    return failed(chosen, std::move(*failure));
  switch (request.verb) {
  case Verb::reload:
    if (!is_active(unit)) return not_running(request, chosen, unit);
    break;
  case Verb::kill:
    if (is_down(unit)) return not_running(request, chosen, unit);
    break;
  case Verb::reset_failed:
    if (unit.active_state != "failed") return outcome(chosen, Outcome::End::done, "was not failed");
    break;
  case Verb::enable:
    if (is_enabled(unit)) return outcome(chosen, Outcome::End::done, "already enabled");
    break;
  case Verb::disable:
    if (unit.unit_file_state == "disabled") return outcome(chosen, Outcome::End::done, "already disabled");
    break;
  case Verb::start:
  case Verb::stop:
  case Verb::restart: break;
  }
  return std::nullopt;
}

Outcome outcome_after(const Request& request, const Chosen& chosen, const UnitState& before,
                      const ChangeResult& result, const UnitState& after) {
  const std::string verb(to_string(request.verb));
  switch (result.end) {
  case ChangeResult::End::no_privilege:
    return failed(chosen, no_right_to(request, *chosen.host, chosen.manager->service, result));
  case ChangeResult::End::failed:
    if (result.message.find("not applicable") != std::string::npos)
      return failed(chosen, {FailureClass::bad_setting, after.id + " can't be reloaded",
                             "its unit file needs an ExecReload=, or Type=notify-reload"});
    return failed(chosen, {FailureClass::job_failed, after.id + ": " + result.message,
                           "journalctl -u " + after.id + " on that host"});
  case ChangeResult::End::timed_out:
    return outcome(
        chosen, Outcome::End::unfinished, "still at it",
        Failure{FailureClass::timed_out, after.id + ": its " + verb + " is not over yet",
                "systemd goes on with it; look again with: actorsctl status " + chosen.manager->id});
  case ChangeResult::End::not_asked: return failed(chosen, not_asked(after.id, result));
  case ChangeResult::End::done: break;
  }
  return after_done(request, chosen, before, after);
}

std::optional<std::string> signal_name(std::string_view text) {
  return systemd_units::signal_name(text);
}

ChangeReport call_units(const Request& request, std::span<const Chosen> chosen,
                        const UnitCallOptions& options) {
  std::vector<std::optional<Outcome>> outcomes(chosen.size());
  const auto groups = by_host(chosen);
  std::vector<HostCall> of_host;
  for (const auto& group : groups)
    of_host.emplace_back(request, chosen, options, group.positions, outcomes);
  fan_out(hosts_of(groups), options.fan_out,
          {[&](std::size_t index, HostLink& link) { of_host[index].run(link); },
           [&](std::size_t index, const Failure& failure) { of_host[index].fail(failure); }});
  ChangeReport report;
  for (auto& one : outcomes)
    report.outcomes.push_back(std::move(*one));
  return report;
}

} // namespace controller
