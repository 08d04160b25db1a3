#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/help.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "cli/table.hpp"
#include "cli/validators.hpp"
#include "controller/local_changes.hpp"
#include "controller/survey.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cli {
namespace {

using controller::ManagerStatus;
using controller::Survey;
using controller::Verdict;

constexpr const char* usual_watch = "2";
constexpr std::chrono::milliseconds reader_is_looked_for{100};
/// A unit that changes all the time is not looked at all the time.
constexpr std::chrono::milliseconds longest_sleep{250};

struct StatusCommand {
  controller::Selection selection;
  std::string watch; ///< seconds from one look's beginning to the next one's, as given; empty: only one
  unsigned parallel = 32;
};

Tint tint(Verdict verdict) {
  switch (exit_code(verdict)) {
  case exit_done: return Tint::good;
  case exit_offline: return Tint::plain;
  case exit_unheard: return Tint::warning;
  default: return Tint::bad;
  }
}

std::string systemd_words(const ManagerStatus& status) {
  if (!status.unit) return "?";
  const auto& state = status.unit->state;
  if (state.load_state != "loaded") return state.load_state;
  return state.active_state + " (" + state.sub_state + ")";
}

std::string registry_words(const Survey& survey, const ManagerStatus& status) {
  if (!status.manager->heartbeats) return "-";
  if (!survey.registry.reachable) return "?";
  const auto& entry = status.entry;
  if (!entry) return "unknown";
  const std::string state = entry->online ? "online" : "offline";
  if (!entry->age_s) return state + ", not heard yet";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), ", %.1f s ago", *entry->age_s);
  return state + text.data();
}

Json systemd_json(const ManagerStatus& status) {
  if (!status.unit) return nullptr;
  const auto& state = status.unit->state;
  Json json;
  json["load_state"] = state.load_state;
  json["active_state"] = state.active_state;
  json["sub_state"] = state.sub_state;
  json["result"] = state.result;
  json["n_restarts"] = state.n_restarts;
  json["main_pid"] = state.main_pid;
  json["invocation_id"] = state.invocation_id;
  json["need_daemon_reload"] = state.need_daemon_reload;
  return json;
}

Json registry_json(const ManagerStatus& status) {
  const auto& entry = status.entry;
  if (!entry) return nullptr;
  Json json;
  json["online"] = entry->online;
  json["age_s"] = entry->age_s ? Json(*entry->age_s) : Json(nullptr);
  json["actors"] = entry->actors;
  if (entry->process && entry->process->invocation_id) json["invocation_id"] = *entry->process->invocation_id;
  return json;
}

Json to_json(const ManagerStatus& status) {
  Json json;
  json["manager_id"] = status.manager->id;
  json["host"] = status.host->name;
  json["unit"] = status.manager->service;
  json["verdict"] = controller::to_string(status.judgement.verdict);
  json["detail"] = status.judgement.detail;
  json["systemd"] = systemd_json(status);
  json["registry"] = registry_json(status);
  if (status.failure) json["error"] = failure_json(*status.failure);
  return json;
}

Json to_json(Context& context, const Survey& survey) {
  Json json;
  json["managers"] = Json::array();
  for (const auto& status : survey.managers)
    json["managers"].push_back(to_json(status));
  json["registry"]["endpoints"] = context.registry().endpoints;
  json["registry"]["reachable"] = survey.registry.reachable;
  if (!survey.registry.reachable) json["registry"]["error"] = survey.registry.error;
  return json;
}

void print_table(const Context& context, const Survey& survey) {
  Table table({"MANAGER", "HOST", "UNIT", "SYSTEMD", "REGISTRY", "VERDICT", "DETAIL"});
  for (const auto& status : survey.managers) {
    const auto verdict = status.judgement.verdict;
    table.add({status.manager->id, status.host->name, status.manager->service, systemd_words(status),
               registry_words(survey, status),
               Cell(std::string(controller::to_string(verdict)), tint(verdict)),
               harmless(status.judgement.detail)});
  }
  print(table.render(context.colours()));
}

/// Host by host, and the registry's line.
std::vector<std::string> complaints(Context& context, const Survey& survey) {
  std::set<std::string> said;
  std::vector<std::string> lines;
  for (const auto& status : survey.managers)
    if (status.failure && said.insert(status.host->name).second)
      lines.push_back(line_for_host(status.host->name, *status.failure));
  if (!survey.registry.reachable) lines.push_back(context.registry_line(survey.registry));
  return lines;
}

Survey look(Context& context, const StatusCommand& command, const std::vector<controller::Chosen>& chosen,
            const controller::ProgressObserver& observer = {}) {
  auto options = fan_out_options(command.parallel);
  options.observer = observer;
  return controller::survey(context.config(), chosen, context.registry_access(), options);
}

Survey watched_look(Context& context, const StatusCommand& command,
                    const std::vector<controller::Chosen>& chosen) {
  Progress progress("status", chosen);
  return look(context, command, chosen, progress.observer());
}

/// Returns when it is time for the next look: at that time, when a unit of this machine has changed, or when
/// nobody reads any more.
void wait_for_next_look(controller::LocalChanges& changes, controller::Clock::time_point begun,
                        controller::Clock::time_point next) {
  while (controller::Clock::now() < next && !reader_is_gone()) {
    if (!changes.wait(std::min(next, controller::Clock::now() + reader_is_looked_for))) continue;
    std::this_thread::sleep_until(std::min(next, begun + longest_sleep));
    return;
  }
}

/// Again and again: on a terminal in place, else one after the other. What is wrong is said when it changes.
int watch(Context& context, const StatusCommand& command, const std::vector<controller::Chosen>& chosen) {
  end_on_interrupt();
  context.json_lines = true;
  const bool in_place = !context.options.json && ::isatty(STDOUT_FILENO) == 1;
  const auto interval = std::chrono::duration_cast<controller::Clock::duration>(
      std::chrono::duration<double>(std::stod(command.watch)));
  controller::LocalChanges changes(chosen);
  std::vector<std::string> said;
  for (bool first = true; !reader_is_gone(); first = false) {
    const auto begun = controller::Clock::now();
    changes.listen();
    const auto survey = look(context, command, chosen);
    if (context.options.json) {
      print_json_line(to_json(context, survey));
    } else {
      if (in_place)
        print("\x1b[H\x1b[2J");
      else if (!first)
        print("\n");
      print_table(context, survey);
    }
    const auto lines = complaints(context, survey);
    if (in_place || lines != said)
      for (const auto& line : lines)
        complain(line);
    said = lines;
    wait_for_next_look(changes, begun, begun + interval);
  }
  return exit_done;
}

int status(Context& context, const StatusCommand& command) {
  auto selection = command.selection;
  selection.all = selection.all || selection.names_nothing();
  const auto chosen = choose(context, selection, command.watch.empty() ? "" : "--watch");
  if (!command.watch.empty()) return watch(context, command, chosen);
  count_interrupts();
  const auto survey = watched_look(context, command, chosen);
  if (context.options.json)
    print_json(to_json(context, survey));
  else
    print_table(context, survey);
  for (const auto& line : complaints(context, survey))
    complain(line);
  if (interrupted()) return interrupt_exit_code();
  std::vector<ExitCode> codes;
  for (const auto& one : survey.managers)
    codes.push_back(exit_code(one.judgement.verdict));
  return worst(codes);
}

/// A flag without a value is "true" to CLI11.
CLI::Validator bare_is_usual() {
  return {[](std::string& value) {
            if (value == "true") value = usual_watch;
            return std::string();
          },
          ""};
}

} // namespace

void add_status(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("status", "What systemd says, what the registry says, and one verdict");
  auto command = std::make_shared<StatusCommand>();
  add_selection(*app, command->selection);
  add_parallel(*app, command->parallel);
  app->add_flag("--watch", command->watch,
                "Again every 2 s, or every so many, and at once when a unit of this machine changes")
      ->type_name(may_be_left_out("SECONDS"))
      ->check(seconds())
      ->transform(bare_is_usual());
  app->callback(
      [&context, command] { context.run = [&context, command] { return status(context, *command); }; });
}

} // namespace cli
