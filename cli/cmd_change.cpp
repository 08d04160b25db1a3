#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"
#include "cli/table.hpp"
#include "controller/change.hpp"
#include "controller/sequence.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

namespace cli {
namespace {

using controller::Operation;
using controller::Outcome;

struct ChangeCommand {
  controller::Selection selection;
  bool no_wait = false;
  bool dry_run = false;
  std::string on_error;
  unsigned rolling = 0;
  unsigned max_offline = 0;
  unsigned parallel = 32;

  [[nodiscard]] bool stops_on_error() const { return on_error.empty() ? rolling > 0 : on_error == "stop"; }
};

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
  return json;
}

void print_table(const Context& context, const std::vector<Outcome>& outcomes) {
  Table table({"MANAGER", "HOST", "UNIT", "TOOK", "RESULT"});
  for (const auto& outcome : outcomes)
    table.add({outcome.manager->id, outcome.host->name, outcome.manager->service, took(outcome.took_s),
               Cell(outcome.text, tint(outcome.end))});
  print(table.render(context.colours()));
}

/// One line a fault; a host's own fault is said once, not for each of its managers.
void complain_about(const std::vector<Outcome>& outcomes) {
  std::set<std::string> said;
  for (const auto& outcome : outcomes) {
    if (!outcome.failure || outcome.end == Outcome::End::skipped) continue;
    const auto line = line_for_host(outcome.host->name, *outcome.failure);
    if (said.insert(line).second) complain(line);
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
std::string left_alone(Operation operation, const controller::ChangeReport& report) {
  const auto left = std::count_if(report.outcomes.begin(), report.outcomes.end(), [](const Outcome& outcome) {
    return outcome.end == Outcome::End::skipped && outcome.failure;
  });
  return std::string(controller::to_string(operation)) + " stopped, " + std::to_string(left) +
         " not begun: " + report.stopped_by;
}

int finish(Context& context, Operation operation, const controller::ChangeReport& report) {
  const auto& outcomes = report.outcomes;
  if (context.options.json) {
    Json json;
    json["operation"] = controller::to_string(operation);
    json["managers"] = Json::array();
    for (const auto& outcome : outcomes)
      json["managers"].push_back(to_json(outcome));
    if (!report.stopped_by.empty()) json["stopped_by"] = report.stopped_by;
    if (report.registry) json["registry"] = registry_json(context, *report.registry);
    print_json(json);
  } else {
    print_table(context, outcomes);
  }
  complain_about(outcomes);
  if (!report.stopped_by.empty()) complain(left_alone(operation, report));
  if (report.registry && !report.registry->reachable) complain(context.registry_line(*report.registry));
  if (interrupted()) return interrupt_exit_code();
  std::vector<ExitCode> codes;
  for (const auto& outcome : outcomes)
    codes.push_back(exit_code(outcome));
  return worst(codes);
}

/// Who is at it: also behind sudo.
std::string user_name() {
  const auto id = ::geteuid();
  const char* behind_sudo = id == 0 ? std::getenv("SUDO_USER") : nullptr; // NOLINT(concurrency-mt-unsafe)
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet
  const auto* entry = behind_sudo != nullptr ? ::getpwnam(behind_sudo) : ::getpwuid(id);
  return entry != nullptr ? entry->pw_name : std::to_string(id);
}

/// What those are told who see the managers go offline.
std::string reason_for(Operation operation) {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  return "actorsctl " + std::string(controller::to_string(operation)) + " by " + user_name() + "@" +
         host.data();
}

/// What would be asked of which host, and in which order, without asking any.
int plan(Context& context, Operation operation, const std::vector<controller::Chosen>& chosen,
         unsigned at_once) {
  const auto verb = std::string(controller::to_string(operation));
  Table table({"STEP", "MANAGER", "HOST", "TARGET", "WOULD"});
  Json json;
  json["operation"] = verb;
  json["dry_run"] = true;
  json["managers"] = Json::array();
  std::size_t step = 0;
  for (const auto& together : controller::steps(operation, chosen, at_once)) {
    ++step;
    for (const auto position : together) {
      const auto& [host, manager, literally] = chosen[position];
      const auto target = host->is_local() ? "local" : host->ssh;
      table.add({std::to_string(step), manager->id, host->name, target, verb + " " + manager->service});
      json["managers"].push_back({{"step", step},
                                  {"manager_id", manager->id},
                                  {"host", host->name},
                                  {"target", target},
                                  {"unit", manager->service}});
    }
  }
  if (context.options.json)
    print_json(json);
  else
    print(table.render(context.colours()));
  return exit_done;
}

int change(Context& context, Operation operation, const ChangeCommand& command) {
  if (command.selection.names_nothing())
    throw UsageError(std::string(controller::to_string(operation)) +
                     " needs to know which managers: ids, globs, --host HOST or --all");
  const auto chosen = choose(context, command.selection);
  if (command.dry_run) return plan(context, operation, chosen, command.rolling);
  const auto& config = context.config();
  controller::ChangeOptions options;
  options.wait = !command.no_wait;
  options.stop_on_error = command.stops_on_error();
  if (command.rolling > 0) options.rolling = controller::Rolling{command.rolling, command.max_offline};
  if (context.options.timeout_s) options.timeout = std::chrono::duration<double>(*context.options.timeout_s);
  options.settle = std::chrono::duration<double>(config.settle_s);
  options.heartbeat_timeout = std::chrono::duration<double>(config.heartbeat_timeout_s);
  options.registry = {context.registry().endpoints, std::chrono::seconds(2)};
  options.reason = reason_for(operation);
  options.fan_out = fan_out_options(command.parallel);
  options.progress = [&](const std::string& line) { context.say(line); };
  count_interrupts();
  return finish(context, operation, controller::change(operation, chosen, options));
}

/// A flag without a value is "true" to CLI11.
CLI::Validator bare_is_one() {
  return {[](std::string& value) {
            if (value == "true") value = "1";
            return std::string();
          },
          "", "bare"};
}

void add_rolling(CLI::App& app, ChangeCommand& command) {
  auto* rolling =
      app.add_flag("--rolling", command.rolling,
                   "A few at a time over all hosts (--rolling=N, else 1), and only while the fleet is well")
          ->type_name("N")
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
          ->check(CLI::Range(1, 1024).description(""))
          ->transform(bare_is_one());
  app.add_option("--max-offline", command.max_offline,
                 "How many others may go offline meanwhile before it stops (0)")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000).description(""))
      ->needs(rolling);
  rolling->excludes(app.get_option("--no-wait"));
}

CLI::App& add(CLI::App& parent, Context& context, Operation operation, const char* about,
              const std::shared_ptr<ChangeCommand>& command) {
  auto* app = parent.add_subcommand(std::string(controller::to_string(operation)), about);
  add_selection(*app, command->selection);
  add_parallel(*app, command->parallel);
  app->add_option("--on-error", command->on_error,
                  "After a failure begin nothing more, or go on (which --rolling does not unless told)")
      ->type_name("stop|continue")
      ->check(CLI::IsMember({"stop", "continue"}).description(""));
  app->add_flag("--no-wait", command->no_wait, "Done when systemd accepted it");
  app->add_flag("--dry-run", command->dry_run, "Only say what would be done where; no host is asked");
  app->callback([&context, operation, command] {
    context.run = [&context, operation, command] { return change(context, operation, *command); };
  });
  return *app;
}

} // namespace

void add_start(CLI::App& parent, Context& context) {
  add(parent, context, Operation::start, "Start managers, and wait until the registry hears them",
      std::make_shared<ChangeCommand>());
}

void add_stop(CLI::App& parent, Context& context) {
  add(parent, context, Operation::stop, "Stop managers", std::make_shared<ChangeCommand>());
}

void add_restart(CLI::App& parent, Context& context) {
  auto command = std::make_shared<ChangeCommand>();
  auto& app = add(parent, context, Operation::restart,
                  "Restart managers, and wait until the registry hears them again", command);
  add_rolling(app, *command);
}

} // namespace cli
