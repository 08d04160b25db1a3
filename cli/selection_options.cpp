#include "cli/selection_options.hpp"

#include "cli/core_dumps.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal_question.hpp"
#include "controller/passphrases.hpp"

namespace cli {

void add_selection(CLI::App& command, controller::Selection& selection) {
  command.add_option("MANAGER", selection.patterns, "Ids or globs ('Order*'), HOST/ID")->type_name("");
  command.add_option("--host", selection.hosts, "All managers of this host (glob; may be repeated)")
      ->type_name("HOST")
      ->allow_extra_args(false);
  command.add_flag("--all", selection.all, "All managers of the configuration");
  command.add_option("--exclude", selection.excludes, "But not these (ids or globs; may be repeated)")
      ->type_name("GLOB")
      ->allow_extra_args(false);
}

void add_parallel(CLI::App& command, unsigned& parallel) {
  command.add_option("--parallel", parallel, "Hosts at work at once (32)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
}

controller::FanOutOptions fan_out_options(unsigned parallel) {
  keep_memory_private(); // keys, and what unlocks them
  controller::ask_for_passphrases([](const std::string& question, std::span<char> answer) {
    return !interrupted() && ask_on_terminal(question, answer);
  });
  controller::FanOutOptions options;
  options.parallel = parallel;
  options.cancelled = interrupted;
  return options;
}

std::vector<controller::Chosen> choose(Context& context, const controller::Selection& selection) {
  const auto& config = context.config();
  if (config.hosts.empty())
    throw UsageError(config.path.empty()
                         ? "no configuration file, so no managers; give --config FILE or write "
                           "/etc/actors/registry.json"
                         : config.path + " names no hosts, so there are no managers");
  auto chosen = controller::select(config, selection);
  if (chosen.empty()) throw UsageError("no manager is left of those chosen");
  return chosen;
}

std::vector<controller::Chosen> choose_for_change(Context& context, const controller::Selection& selection,
                                                  std::string_view verb) {
  if (selection.names_nothing())
    throw UsageError(std::string(verb) + " needs to know which managers: ids, globs, --host HOST or --all");
  return choose(context, selection);
}

} // namespace cli
