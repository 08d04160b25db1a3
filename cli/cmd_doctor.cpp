#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "cli/table.hpp"
#include "controller/doctor.hpp"
#include "controller/targets.hpp"

#include <algorithm>
#include <future>
#include <memory>

namespace cli {
namespace {

using controller::Finding;
using Standing = Finding::Standing;

struct DoctorCommand {
  std::vector<std::string> globs;
  unsigned parallel = 32;
};

Json to_json(const Finding& finding) {
  Json json;
  json["host"] = finding.host.empty() ? Json(nullptr) : Json(finding.host);
  if (!finding.manager_id.empty()) json["manager_id"] = finding.manager_id;
  json["check"] = finding.check;
  json["result"] = controller::to_string(finding.standing);
  if (finding.failure_class) json["class"] = controller::to_string(*finding.failure_class);
  json["message"] = finding.text;
  if (!finding.advice.empty()) json["hint"] = finding.advice;
  return json;
}

Cell result(Standing standing) {
  switch (standing) {
  case Standing::ok: return {"ok", Tint::good};
  case Standing::warning: return {"warning", Tint::warning};
  case Standing::failure: return {"failure", Tint::bad};
  case Standing::not_checkable: return {"not checkable", Tint::faint};
  }
  return "";
}

std::vector<Cell> row(const Finding& finding) {
  const auto check = finding.check + (finding.manager_id.empty() ? "" : " " + finding.manager_id);
  const auto detail = finding.text + (finding.advice.empty() ? "" : "; " + finding.advice);
  return {finding.host.empty() ? "-" : finding.host, check, result(finding.standing), harmless(detail)};
}

/// What the configuration has that is no fault and will not work all the same.
std::vector<Finding> of_configuration(const config::Config& config) {
  std::vector<Finding> findings;
  for (const auto& exposed : config.exposed)
    findings.push_back({"", "", "security", Standing::warning, exposed});
  for (const auto& warning : config.warnings)
    findings.push_back({"", "", "configuration", Standing::warning, warning});
  for (const auto& key : config.not_in_force)
    findings.push_back({"", "", "configuration", Standing::warning, key + ": not in force in this version"});
  if (findings.size() == config.exposed.size())
    findings.push_back({"", "", "configuration", Standing::ok,
                        config.path.empty() ? "no file; the defaults are in force" : config.path});
  return findings;
}

Finding of_registry(Context& context, const controller::RegistryView& view) {
  if (view.reachable) return {"", "", "registry", Standing::ok, context.registry_problem("answers")};
  return {"",
          "",
          "registry",
          Standing::failure,
          context.registry_line(view),
          "",
          controller::FailureClass::not_heard};
}

std::vector<Finding> findings(Context& context, const DoctorCommand& command) {
  const auto& config = context.config();
  const auto hosts = controller::select_hosts(config, command.globs);
  const auto access = context.registry_access();
  Progress progress("doctor", hosts);
  auto options = fan_out_options(command.parallel);
  options.observer = progress.observer();
  auto asked = std::async(std::launch::async, [&] { return controller::read_registry(access, interrupted); });
  const auto& there = config.registry_connect.empty() ? access.endpoints : config.registry_connect;
  const auto of_hosts = controller::diagnose(hosts, there, options);
  options.show({nullptr, nullptr, "waiting for the registry"});
  auto all = of_configuration(config);
  all.push_back(of_registry(context, asked.get()));
  all.insert(all.end(), of_hosts.begin(), of_hosts.end());
  return all;
}

std::size_t count(const std::vector<Finding>& findings, Standing standing) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const auto& f) { return f.standing == standing; }));
}

void print_findings(Context& context, const std::vector<Finding>& findings) {
  if (context.options.json) {
    Json json;
    json["findings"] = Json::array();
    for (const auto& finding : findings)
      json["findings"].push_back(to_json(finding));
    for (const auto standing : {Standing::ok, Standing::warning, Standing::failure, Standing::not_checkable})
      json["counts"][controller::to_string(standing)] = count(findings, standing);
    return print_json(json);
  }
  Table table({"HOST", "CHECK", "RESULT", "DETAIL"});
  for (const auto& finding : findings)
    table.add(row(finding));
  print(table.render(context.colours()));
}

int doctor(Context& context, const DoctorCommand& command) {
  count_interrupts();
  const auto all = findings(context, command);
  print_findings(context, all);
  std::vector<ExitCode> codes;
  for (const auto& finding : all)
    if (finding.failure_class) codes.push_back(exit_code(*finding.failure_class));
  if (const auto failures = count(all, Standing::failure); failures > 0)
    complain("doctor: " + std::to_string(failures) + (failures == 1 ? " finding" : " findings") +
             " would make a start fail");
  return interrupted() ? interrupt_exit_code() : worst(codes);
}

} // namespace

void add_doctor(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("doctor", "Everything that would make a start fail, before it does");
  auto command = std::make_shared<DoctorCommand>();
  app->add_option("HOST", command->globs, "Only these (names or globs)")->type_name("");
  add_parallel(*app, command->parallel);
  app->callback(
      [&context, command] { context.run = [&context, command] { return doctor(context, *command); }; });
}

} // namespace cli
