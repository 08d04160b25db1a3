#include "controller/privilege.hpp"

#include "controller/first_line.hpp"

#include <algorithm>
#include <optional>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Request;
using Units = std::span<const std::string>;

bool succeeded(const ssh::CommandResult& result) {
  return result.end == ssh::CommandResult::End::exited && result.exit_status == 0;
}

/// Why sudo does not allow it; for a command that is not in its rules it says nothing.
std::string why_not(const ssh::CommandResult& answer) {
  const auto said = first_line(answer.error_output);
  return said.empty() ? "sudo's rules do not have it" : said;
}

/// How a call ended; nullopt: it has not.
std::optional<ChangeResult> end_of(const systemd_units::OrderedCall& call, const std::string& user) {
  if (!call.exit_status) return std::nullopt;
  if (*call.exit_status == 0) return ChangeResult{};
  const auto words = first_line(call.words);
  if (call.was_refused()) return ChangeResult{ChangeResult::End::no_privilege, words, user};
  return ChangeResult{ChangeResult::End::failed,
                      words.empty() ? "exit status " + std::to_string(*call.exit_status) : words};
}

} // namespace

std::string what_it_said(const ssh::CommandResult& result) {
  for (const auto* text : {&result.error_output, &result.output})
    if (auto line = first_line(*text); !line.empty()) return line;
  return result.end == ssh::CommandResult::End::signalled
             ? "ended by " + result.signal
             : "exit status " + std::to_string(result.exit_status);
}

std::vector<ChangeResult> ordered_results(std::span<const systemd_units::OrderedCall> calls, Units units,
                                          const ssh::CommandResult& process, const std::string& user) {
  std::vector<ChangeResult> results;
  std::string refused_unit;
  bool may_be_made = process.begun; // the first of which nothing is known
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto& call = calls[i];
    if (call.was_refused()) refused_unit = units[i];
    if (auto end = end_of(call, user)) {
      results.push_back(std::move(*end));
    } else if (!call.was_made && !refused_unit.empty()) {
      results.push_back({ChangeResult::End::no_privilege, "", user, refused_unit});
    } else if (process.end != ssh::CommandResult::End::timed_out) {
      results.push_back({ChangeResult::End::failed, what_it_said(process)});
    } else {
      results.push_back(
          {call.was_made || may_be_made ? ChangeResult::End::timed_out : ChangeResult::End::not_asked});
      if (!call.was_made) may_be_made = false;
    }
  }
  return results;
}

std::vector<ChangeResult> sudo_results(std::span<const systemd_units::OrderedCall> calls,
                                       const ssh::CommandResult& process, const std::string& user) {
  std::vector<ChangeResult> results;
  for (const auto& call : calls) {
    if (auto end = end_of(call, user))
      results.push_back(std::move(*end));
    else if (process.end != ssh::CommandResult::End::timed_out)
      results.push_back({ChangeResult::End::failed, what_it_said(process)});
    else
      results.push_back({process.begun ? ChangeResult::End::timed_out : ChangeResult::End::not_asked});
  }
  return results;
}

PrivilegedChanges::PrivilegedChanges(config::Privilege privilege, std::string user, AsIs as_is, Run run)
    : privilege_(privilege), user_(std::move(user)), as_is_(std::move(as_is)), run_(std::move(run)) {}

PrivilegedChanges::Results PrivilegedChanges::change(const Request& request, Units units,
                                                     Clock::time_point deadline) {
  if (units.empty()) return {};
  const auto is_granted = [&](const auto& unit) { return granted_.contains({request, unit}); };
  // What was refused once as is would be refused again.
  if (privilege_ == config::Privilege::sudo || std::all_of(units.begin(), units.end(), is_granted))
    return with_sudo(request, units, deadline);
  auto results = as_is_(request, units, deadline);
  if (privilege_ == config::Privilege::automatic) retry_refused(request, units, deadline, results);
  return results;
}

void PrivilegedChanges::retry_refused(const Request& request, Units units, Clock::time_point deadline,
                                      Results& results) {
  std::vector<std::size_t> refused;
  std::vector<std::string> refused_units;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (results[i].end != ChangeResult::End::no_privilege) continue;
    refused.push_back(i);
    refused_units.push_back(units[i]);
  }
  if (refused.empty()) return;
  auto again = with_sudo(request, refused_units, deadline);
  for (std::size_t i = 0; i < refused.size(); ++i) {
    auto& first = results[refused[i]];
    // What systemd said is the reason, not that sudo would not help either.
    const bool no_help = again[i].end == ChangeResult::End::no_privilege &&
                         (again[i].refused_unit.empty() || !first.refused_unit.empty());
    if (!no_help) first = std::move(again[i]);
  }
}

PrivilegedChanges::Results PrivilegedChanges::with_sudo(const Request& request, Units units,
                                                        Clock::time_point deadline) {
  if (auto refusals = sudo_refusals(request, units, deadline); !refusals.empty()) return refusals;
  const auto process = run_({systemd_units::sudo_calls_command(request, units)}, deadline).front();
  return sudo_results(systemd_units::parse_ordered_calls(process.output, units.size()), process, user_);
}

/// One for each unit where any is missing, else none.
PrivilegedChanges::Results PrivilegedChanges::sudo_refusals(const Request& request, Units units,
                                                            Clock::time_point deadline) {
  std::vector<std::size_t> unsure;
  std::vector<std::vector<std::string>> questions;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (granted_.contains({request, units[i]})) continue;
    unsure.push_back(i);
    questions.push_back(systemd_units::may_sudo_command(request, units[i]));
  }
  if (questions.empty()) return {};
  const auto answers = run_(questions, deadline);
  Results refusals(units.size());
  std::string missing;
  bool late = false;
  for (std::size_t i = 0; i < unsure.size(); ++i) {
    const auto& unit = units[unsure[i]];
    if (succeeded(answers[i])) {
      granted_.emplace(request, unit);
      continue;
    }
    if (answers[i].end == ssh::CommandResult::End::timed_out) {
      late = true;
      continue;
    }
    refusals[unsure[i]] = {ChangeResult::End::no_privilege, why_not(answers[i]), user_};
    if (missing.empty()) missing = unit;
  }
  if (missing.empty() && late)
    return Results(units.size(), {ChangeResult::End::not_asked, "sudo did not say in time whether it may"});
  if (missing.empty()) return {};
  for (auto& one : refusals)
    if (one.end == ChangeResult::End::done) one = {ChangeResult::End::no_privilege, "", user_, missing};
  return refusals;
}

} // namespace controller
