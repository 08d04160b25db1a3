#include "cli/outcomes.hpp"

#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace cli {
namespace {

using controller::Outcome;

std::string_view word(Outcome::End end) {
  switch (end) {
  case Outcome::End::done: return "done";
  case Outcome::End::unverified: return "unverified";
  case Outcome::End::skipped: return "skipped";
  case Outcome::End::failed: return "failed";
  case Outcome::End::unfinished: return "unfinished";
  }
  return "failed";
}

Tint tint(Outcome::End end) {
  switch (end) {
  case Outcome::End::done: return Tint::good;
  case Outcome::End::skipped: return Tint::faint;
  case Outcome::End::unverified:
  case Outcome::End::unfinished: return Tint::warning;
  case Outcome::End::failed: break;
  }
  return Tint::bad;
}

std::string took(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

Json to_json(const Outcome& outcome) {
  Json json;
  json["manager_id"] = outcome.manager->id;
  json["host"] = outcome.host->name;
  json["unit"] = outcome.manager->service;
  json["result"] = word(outcome.end);
  json["text"] = outcome.text;
  json["took_s"] = outcome.took_s;
  if (outcome.failure) json["error"] = failure_json(*outcome.failure);
  if (!outcome.journal.empty()) json["journal"] = outcome.journal;
  if (!outcome.journal_problem.empty()) json["journal_problem"] = outcome.journal_problem;
  return json;
}

void print_table(const Context& context, const std::vector<Outcome>& outcomes) {
  Table table({"MANAGER", "HOST", "UNIT", "TOOK", "RESULT"});
  for (const auto& outcome : outcomes)
    table.add({outcome.manager->id, outcome.host->name, outcome.manager->service, took(outcome.took_s),
               Cell(outcome.text, tint(outcome.end))});
  print(table.render(context.colours()));
}

/// What the unit said before it failed, under the line that says that it did.
void quote_journal(const Outcome& outcome) {
  const auto unit = "  " + outcome.manager->service + ": ";
  for (const auto& message : outcome.journal) {
    std::istringstream lines(message);
    for (std::string line; std::getline(lines, line);)
      complain(unit + harmless(line));
  }
  if (!outcome.journal_problem.empty()) complain(unit + "no journal to quote: " + outcome.journal_problem);
}

/// One line a fault; a host's own fault is said once, not for each of its managers.
void complain_about(const std::vector<Outcome>& outcomes) {
  std::set<std::string> said;
  for (const auto& outcome : outcomes) {
    if (!outcome.failure || outcome.end == Outcome::End::skipped) continue;
    const auto line = line_for_host(outcome.host->name, *outcome.failure);
    if (said.insert(line).second) complain(line);
    quote_journal(outcome);
  }
}

Json registry_json(Context& context, const controller::RegistryView& view) {
  Json json;
  json["endpoints"] = context.registry().endpoints;
  json["reachable"] = view.reachable;
  if (!view.reachable) json["error"] = view.error;
  return json;
}

/// Why a change ended before everybody had begun.
std::string left_alone(std::string_view operation, const controller::ChangeReport& report) {
  const auto left = std::count_if(report.outcomes.begin(), report.outcomes.end(), [](const Outcome& outcome) {
    return outcome.end == Outcome::End::skipped && outcome.failure;
  });
  return std::string(operation) + " stopped, " + std::to_string(left) + " not begun: " + report.stopped_by;
}

/// What was done and what not, where the user asked to stop: `start interrupted: 2 done, 3 not begun`.
std::string interrupted_with(std::string_view operation, const std::vector<Outcome>& outcomes) {
  const auto count = [&](auto which) {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), which));
  };
  const auto not_begun =
      count([](const Outcome& outcome) { return outcome.end == Outcome::End::skipped && outcome.failure; });
  const auto bad = count([](const Outcome& outcome) {
    return outcome.end == Outcome::End::failed || outcome.end == Outcome::End::unfinished;
  });
  auto line =
      std::string(operation) + " interrupted: " + std::to_string(outcomes.size() - not_begun - bad) + " done";
  if (bad > 0) line += ", " + std::to_string(bad) + " not";
  return line + ", " + std::to_string(not_begun) + " not begun";
}

} // namespace

int print_outcomes(Context& context, std::string_view operation, const controller::ChangeReport& report) {
  const auto& outcomes = report.outcomes;
  if (context.options.json) {
    Json json;
    json["operation"] = operation;
    json["managers"] = Json::array();
    for (const auto& outcome : outcomes)
      json["managers"].push_back(to_json(outcome));
    if (!report.stopped_by.empty()) json["stopped_by"] = report.stopped_by;
    if (interrupted()) json["interrupted"] = true;
    if (report.registry) json["registry"] = registry_json(context, *report.registry);
    print_json(json);
  } else {
    print_table(context, outcomes);
  }
  complain_about(outcomes);
  if (!report.stopped_by.empty()) complain(left_alone(operation, report));
  if (report.registry && !report.registry->reachable) complain(context.registry_line(*report.registry));
  if (interrupted()) {
    complain(interrupted_with(operation, outcomes));
    return interrupt_exit_code();
  }
  std::vector<ExitCode> codes;
  for (const auto& outcome : outcomes)
    codes.push_back(exit_code(outcome));
  return worst(codes);
}

} // namespace cli
