#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"
#include "cli/table.hpp"
#include "controller/survey.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <set>

namespace cli {
namespace {

using controller::ManagerStatus;
using controller::Survey;
using controller::Verdict;

struct StatusCommand {
  controller::Selection selection;
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
  const auto* entry = survey.registry.find(status.manager->id);
  if (entry == nullptr) return "unknown";
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

Json registry_json(const Survey& survey, const ManagerStatus& status) {
  const auto* entry = survey.registry.reachable ? survey.registry.find(status.manager->id) : nullptr;
  if (entry == nullptr) return nullptr;
  Json json;
  json["online"] = entry->online;
  json["age_s"] = entry->age_s ? Json(*entry->age_s) : Json(nullptr);
  json["actors"] = entry->actors;
  if (entry->process && entry->process->invocation_id) json["invocation_id"] = *entry->process->invocation_id;
  return json;
}

Json to_json(const Survey& survey, const ManagerStatus& status) {
  Json json;
  json["manager_id"] = status.manager->id;
  json["host"] = status.host->name;
  json["unit"] = status.manager->service;
  json["verdict"] = controller::to_string(status.judgement.verdict);
  json["detail"] = status.judgement.detail;
  json["systemd"] = systemd_json(status);
  json["registry"] = registry_json(survey, status);
  if (status.failure) json["error"] = failure_json(*status.failure);
  return json;
}

void print_object(Context& context, const Survey& survey) {
  Json json;
  json["managers"] = Json::array();
  for (const auto& status : survey.managers)
    json["managers"].push_back(to_json(survey, status));
  json["registry"]["endpoints"] = context.registry().endpoints;
  json["registry"]["reachable"] = survey.registry.reachable;
  if (!survey.registry.reachable) json["registry"]["error"] = survey.registry.error;
  print_json(json);
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

void complain_about(Context& context, const Survey& survey) {
  std::set<std::string> said;
  for (const auto& status : survey.managers)
    if (status.failure && said.insert(status.host->name).second)
      complain(line_for_host(status.host->name, *status.failure));
  if (!survey.registry.reachable) complain(context.registry_line(survey.registry));
}

int status(Context& context, const StatusCommand& command) {
  auto selection = command.selection;
  selection.all = selection.all || selection.names_nothing();
  const auto chosen = choose(context, selection);
  count_interrupts();
  const auto survey = controller::survey(context.config(), chosen, context.registry_access(),
                                         fan_out_options(command.parallel));
  if (context.options.json)
    print_object(context, survey);
  else
    print_table(context, survey);
  complain_about(context, survey);
  if (interrupted()) return interrupt_exit_code();
  std::vector<ExitCode> codes;
  for (const auto& one : survey.managers)
    codes.push_back(exit_code(one.judgement.verdict));
  return worst(codes);
}

} // namespace

void add_status(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("status", "What systemd says, what the registry says, and one verdict");
  auto command = std::make_shared<StatusCommand>();
  add_selection(*app, command->selection);
  add_parallel(*app, command->parallel);
  app->callback(
      [&context, command] { context.run = [&context, command] { return status(context, *command); }; });
}

} // namespace cli
