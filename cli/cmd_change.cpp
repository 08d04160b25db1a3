#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/interrupt.hpp"
#include "cli/outcomes.hpp"
#include "cli/plan.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "controller/change.hpp"
#include "controller/sequence.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <memory>

namespace cli {
namespace {

using controller::Operation;

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

controller::ChangeReport watched(Operation operation, const std::vector<controller::Chosen>& chosen,
                                 controller::ChangeOptions options) {
  Progress progress(controller::to_string(operation), chosen);
  options.fan_out.observer = progress.observer();
  return controller::change(operation, chosen, options);
}

int change(Context& context, Operation operation, const ChangeCommand& command) {
  const auto verb = controller::to_string(operation);
  const auto chosen =
      choose_for_change(context, command.selection, verb, command.rolling > 0 ? "--rolling" : "");
  if (command.dry_run)
    return print_plan(context, verb, "", chosen, controller::steps(operation, chosen, command.rolling));
  const auto& config = context.config();
  controller::ChangeOptions options;
  options.wait = !command.no_wait;
  options.stop_on_error = command.stops_on_error();
  if (command.rolling > 0) options.rolling = controller::Rolling{command.rolling, command.max_offline};
  if (context.options.timeout_s) options.timeout = std::chrono::duration<double>(*context.options.timeout_s);
  options.settle = std::chrono::duration<double>(config.settle_s);
  options.heartbeat_timeout = std::chrono::duration<double>(config.heartbeat_timeout_s);
  options.registry = {context.registry().endpoints, std::chrono::seconds(2), context.registry_keys()};
  options.reason = reason_for(operation);
  options.fan_out = fan_out_options(command.parallel);
  options.progress = [&](const std::string& line) { context.say(line); };
  count_interrupts();
  return print_outcomes(context, verb, watched(operation, chosen, options));
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
  auto* rolling = app.add_flag("--rolling", command.rolling,
                               "One, or N, at a time over all hosts, and only while the fleet is well")
                      ->type_name(may_be_left_out("N"))
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
  add_dry_run(*app, command->dry_run);
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
