#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/outcomes.hpp"
#include "cli/plan.hpp"
#include "cli/progress.hpp"
#include "cli/selection_options.hpp"
#include "controller/unit_call.hpp"

#include <memory>
#include <numeric>
#include <string>

namespace cli {
namespace {

using controller::Verb;

struct UnitCallCommand {
  controller::Selection selection;
  std::string signal = "SIGTERM";
  bool dry_run = false;
  unsigned parallel = 32;
};

CLI::Validator signal() {
  return {[](std::string& text) -> std::string {
            const auto name = controller::signal_name(text);
            if (!name) return "no signal '" + text + "'";
            text = *name;
            return {};
          },
          ""};
}

std::vector<std::size_t> everybody(const std::vector<controller::Chosen>& chosen) {
  std::vector<std::size_t> positions(chosen.size());
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

controller::ChangeReport watched(const systemd_units::Request& request,
                                 const std::vector<controller::Chosen>& chosen,
                                 controller::UnitCallOptions options) {
  Progress progress(to_string(request.verb), chosen);
  options.fan_out.observer = progress.observer();
  return controller::call_units(request, chosen, options);
}

int call(Context& context, Verb verb, const UnitCallCommand& command) {
  const auto request =
      verb == Verb::kill ? systemd_units::Request(verb, command.signal) : systemd_units::Request(verb);
  const auto chosen = choose_for_change(context, command.selection, to_string(verb));
  if (command.dry_run)
    return print_plan(context, to_string(verb), verb == Verb::kill ? " -s " + command.signal : "", chosen,
                      {everybody(chosen)});
  controller::UnitCallOptions options;
  if (context.options.timeout_s) options.timeout = std::chrono::duration<double>(*context.options.timeout_s);
  options.fan_out = fan_out_options(command.parallel);
  count_interrupts();
  return print_outcomes(context, to_string(verb), watched(request, chosen, options));
}

CLI::App& add(CLI::App& parent, Context& context, Verb verb, const char* about,
              const std::shared_ptr<UnitCallCommand>& command) {
  auto* app = parent.add_subcommand(std::string(to_string(verb)), about);
  add_selection(*app, command->selection);
  add_parallel(*app, command->parallel);
  add_dry_run(*app, command->dry_run);
  app->callback([&context, verb, command] {
    context.run = [&context, verb, command] { return call(context, verb, *command); };
  });
  return *app;
}

} // namespace

void add_reload(CLI::App& parent, Context& context) {
  add(parent, context, Verb::reload, "Have managers read their configuration again (ExecReload)",
      std::make_shared<UnitCallCommand>());
}

void add_kill(CLI::App& parent, Context& context) {
  auto command = std::make_shared<UnitCallCommand>();
  auto& app = add(parent, context, Verb::kill, "Send a signal to managers' processes", command);
  app.add_option("-s,--signal", command->signal, "Which one, by name or number (TERM)")
      ->type_name("SIG")
      ->transform(signal());
}

void add_reset_failed(CLI::App& parent, Context& context) {
  add(parent, context, Verb::reset_failed, "Have systemd forget that managers failed",
      std::make_shared<UnitCallCommand>());
}

void add_enable(CLI::App& parent, Context& context) {
  add(parent, context, Verb::enable, "Have managers started when their hosts boot",
      std::make_shared<UnitCallCommand>());
}

void add_disable(CLI::App& parent, Context& context) {
  add(parent, context, Verb::disable, "Not have managers started when their hosts boot",
      std::make_shared<UnitCallCommand>());
}

} // namespace cli
