#include "cli/deploy_report.hpp"

#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <sstream>

namespace cli {
namespace {

using controller::DeployItem;
using controller::HostDeployment;
using State = DeployItem::State;

Tint tint(const DeployItem& item) {
  if (item.failure) return Tint::bad;
  switch (item.state) {
  case State::unchanged: return Tint::faint;
  case State::written:
  case State::removed:
  case State::added: return Tint::good;
  default: return Tint::warning;
  }
}

std::string result(const DeployItem& item, bool dry_run) {
  if (!item.is_to_do()) return item.text + (item.backup.empty() ? "" : "; before: " + item.backup);
  if (!dry_run) return "not done";
  if (item.state == State::to_add) return "would be done: " + item.text;
  const auto verb = item.state == State::to_write ? "would be written" : "would be removed";
  return std::string(verb) + " (" + item.text + ")";
}

Json to_json(const DeployItem& item, bool dry_run) {
  Json json;
  json["kind"] = controller::to_string(item.kind);
  if (!item.path.empty()) json["path"] = item.path;
  if (!item.unit.empty()) json["unit"] = item.unit;
  if (!item.manager_id.empty()) json["manager_id"] = item.manager_id;
  json["result"] = item.is_to_do() && !dry_run ? "not_done" : controller::to_string(item.state);
  json["text"] = result(item, dry_run);
  if (!item.backup.empty()) json["backup"] = item.backup;
  if (!item.diff.empty()) json["diff"] = item.diff;
  if (item.failure) json["error"] = failure_json(*item.failure);
  return json;
}

std::string target(const HostDeployment& one) {
  return one.host->is_local() ? "local" : one.administered.ssh;
}

Json to_json(const HostDeployment& one, bool dry_run) {
  Json json;
  json["host"] = one.host->name;
  json["target"] = target(one);
  json["control_user"] = one.wanted.control_user.empty() ? Json(nullptr) : Json(one.wanted.control_user);
  json["items"] = Json::array();
  for (const auto& item : one.items)
    json["items"].push_back(to_json(item, dry_run));
  json["needs_reload"] = one.needs_reload && !one.reloaded;
  json["reloaded"] = one.reloaded;
  if (one.failure) json["error"] = failure_json(*one.failure);
  return json;
}

void print_table(const Context& context, const std::vector<HostDeployment>& deployments, bool dry_run) {
  Table table({"HOST", "WHAT", "RESULT"});
  bool any = false;
  for (const auto& one : deployments) {
    for (const auto& item : one.items)
      table.add({one.host->name, what_of(item), Cell(result(item, dry_run), tint(item))});
    const bool reads = one.needs_reload || one.reloaded;
    if (reads)
      table.add({one.host->name, "systemd",
                 Cell(one.reloaded ? "has read its units again"
                      : dry_run    ? "would read its units again"
                                   : "is to read its units again",
                      one.reloaded ? Tint::good : Tint::warning)});
    any = any || reads || !one.items.empty();
  }
  if (any) print(table.render(context.colours()));
}

/// A line of a diff, whose content may be anything.
std::string shown(const std::string& line, bool colours) {
  std::string text;
  for (std::size_t from = 0; from <= line.size();) { // tabs stay
    const auto tab = line.find('\t', from);
    text += harmless(std::string_view(line).substr(from, tab - from));
    if (tab == std::string::npos) break;
    text += '\t';
    from = tab + 1;
  }
  const auto look = line.starts_with('+') ? Tint::good : line.starts_with('-') ? Tint::bad : Tint::plain;
  return painted(Cell(text, look), colours) + "\n";
}

/// What goes on as it was.
void say_what_is_not_in_force(const Context& context, const std::vector<HostDeployment>& deployments) {
  std::string ids;
  for (const auto& one : deployments)
    for (const auto& item : one.items)
      if (item.state == State::written && !item.manager_id.empty() && item.state_before != "missing")
        ids += " '" + item.manager_id + "'";
  if (!ids.empty()) context.say("what runs goes on as it was until: actorsctl restart" + ids);
}

} // namespace

std::string deploy_differences(const std::vector<HostDeployment>& deployments, bool colours) {
  std::string text;
  for (const auto& one : deployments) {
    for (const auto& item : one.items) {
      if (item.diff.empty()) continue;
      text += "host " + one.host->name + ": " + harmless(result(item, true)) + "\n";
      std::istringstream lines(item.diff);
      for (std::string line; std::getline(lines, line);)
        text += shown(line, colours);
      text += "\n";
    }
  }
  return text;
}

int print_deployments(Context& context, const std::vector<HostDeployment>& deployments, bool dry_run) {
  if (context.options.json) {
    Json json;
    json["operation"] = "deploy";
    json["dry_run"] = dry_run;
    json["hosts"] = Json::array();
    for (const auto& one : deployments)
      json["hosts"].push_back(to_json(one, dry_run));
    if (interrupted()) json["interrupted"] = true;
    print_json(json);
  } else {
    print_table(context, deployments, dry_run);
    say_what_is_not_in_force(context, deployments);
  }
  std::vector<ExitCode> codes;
  const auto take = [&](const std::string& host, const std::optional<controller::Failure>& failure) {
    if (!failure) return;
    complain(line_for_host(host, *failure));
    codes.push_back(exit_code(failure->failure_class));
  };
  for (const auto& one : deployments) {
    for (const auto& item : one.items)
      take(one.host->name, item.failure);
    take(one.host->name, one.failure);
  }
  return interrupted() ? interrupt_exit_code() : worst(codes);
}

} // namespace cli
