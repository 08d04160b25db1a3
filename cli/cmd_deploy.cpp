#include "cli/commands.hpp"
#include "cli/counted.hpp"
#include "cli/deploy_report.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "cli/validators.hpp"
#include "controller/deploy.hpp"
#include "controller/targets.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace cli {
namespace {

using controller::HostDeployment;

struct DeployCommand {
  controller::Selection selection;
  controller::DeployChoices choices;
  std::string as_user;
  bool dry_run = false;
  bool yes = false;
  unsigned parallel = 32;
};

/// Whom it would ask, before anybody is dialed.
void require_somebody_to_ask(const Context& context, const DeployCommand& command) {
  if (command.dry_run || command.yes) return;
  if (context.options.json) throw UsageError("with --json nobody is asked: give --yes or --dry-run");
  if (::isatty(STDIN_FILENO) != 1)
    throw UsageError(
        "deploy asks before it changes a host, and there is no terminal to ask on: give --yes or "
        "--dry-run");
}

/// Those of the managers, and those that were named: a host may have no manager any more.
std::vector<const config::Host*> hosts_of(const config::Config& config, const DeployCommand& command,
                                          const std::vector<controller::Chosen>& chosen) {
  const auto& selection = command.selection;
  std::vector<const config::Host*> named;
  if (selection.all || !selection.hosts.empty())
    named = controller::select_hosts(config, selection.all ? std::vector<std::string>{} : selection.hosts);
  std::vector<const config::Host*> hosts;
  for (const auto& host : config.hosts)
    if (std::find(named.begin(), named.end(), &host) != named.end() ||
        std::any_of(chosen.begin(), chosen.end(), [&](const auto& one) { return one.host == &host; }))
      hosts.push_back(&host);
  return hosts;
}

std::vector<HostDeployment> begin(Context& context, const DeployCommand& command) {
  if (command.selection.names_nothing())
    throw UsageError("deploy needs to know which managers: ids, globs, --host HOST or --all");
  const auto& config = context.config();
  const auto chosen = controller::select(config, command.selection);
  const auto hosts = hosts_of(config, command, chosen);
  if (hosts.empty()) throw UsageError("no host and no manager is chosen");
  try {
    return controller::begin_deployment(config, hosts, chosen, command.as_user);
  } catch (const std::invalid_argument& error) {
    throw UsageError(std::string("--as: ") + error.what());
  }
}

/// How much there is to do there.
std::size_t changes_of(const HostDeployment& one) {
  if (one.failure) return 0;
  const auto items =
      std::count_if(one.items.begin(), one.items.end(), [](const auto& item) { return item.is_to_do(); });
  return static_cast<std::size_t>(items) + (one.needs_reload ? 1 : 0);
}

bool has_work(const std::vector<HostDeployment>& deployments) {
  return std::any_of(deployments.begin(), deployments.end(), changes_of);
}

/// Who answers is to know which hosts stay as they are.
bool ask(const std::vector<HostDeployment>& deployments) {
  std::size_t changes = 0;
  std::size_t hosts = 0;
  for (const auto& one : deployments) {
    changes += changes_of(one);
    hosts += changes_of(one) > 0 ? 1 : 0;
    if (one.failure) complain(line_for_host(one.host->name, *one.failure));
  }
  const auto question =
      "make " + counted(changes, "change") + " on " + counted(hosts, "host") + "? (yes/no) ";
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::string answer;
  return std::getline(std::cin, answer) && answer == "yes";
}

int deploy(Context& context, const DeployCommand& command) {
  require_somebody_to_ask(context, command);
  auto deployments = begin(context, command);
  const auto hosts = controller::administered_hosts(deployments);
  auto options = fan_out_options(command.parallel);
  count_interrupts();
  {
    Progress progress("deploy", hosts);
    options.observer = progress.observer();
    controller::plan_deployments(deployments, command.choices, !command.dry_run, options);
  }
  if (!context.options.json) print(deploy_differences(deployments, context.colours()));
  if (command.dry_run || interrupted() || !has_work(deployments))
    return print_deployments(context, deployments, command.dry_run);
  if (!command.yes) {
    end_on_interrupt();
    if (!ask(deployments)) {
      complain("deploy: nothing was changed, as you said");
      return exit_failed;
    }
    count_interrupts();
  }
  {
    Progress progress("deploy", hosts);
    options.observer = progress.observer();
    controller::apply_deployments(deployments, options);
  }
  return print_deployments(context, deployments, false);
}

} // namespace

void add_deploy(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("deploy", "Install managers' units and the right to control them");
  auto command = std::make_shared<DeployCommand>();
  add_selection(*app, command->selection);
  app->add_option("--as", command->as_user, "Log in as this administrator (deploy_ssh)")
      ->type_name("USER")
      ->check(not_empty());
  app->add_flag("--enable", command->choices.enable,
                "Have systemd start the units that deploy writes at boot");
  app->add_flag("--prune", command->choices.prune,
                "Remove what deploy wrote and the configuration has no more (stopped units)");
  app->add_flag("--replace", command->choices.replace,
                "Also files that deploy did not write, or that were edited since: they are replaced");
  app->add_flag("--dry-run", command->dry_run, "Only show what would be changed");
  app->add_flag("--yes", command->yes, "Do not ask");
  add_parallel(*app, command->parallel);
  app->callback(
      [&context, command] { context.run = [&context, command] { return deploy(context, *command); }; });
}

} // namespace cli
