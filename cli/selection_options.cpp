#include "cli/selection_options.hpp"

#include "cli/core_dumps.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal_question.hpp"
#include "controller/passphrases.hpp"

#include <algorithm>

namespace cli {
namespace {

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// With what a number was meant for that stands where managers do.
std::vector<controller::Chosen> selected(const config::Config& config, const controller::Selection& selection,
                                         std::string_view bare) {
  try {
    return controller::select(config, selection);
  } catch (const controller::NoSuchName& error) {
    const auto number = std::find_if(selection.patterns.begin(), selection.patterns.end(), is_number);
    if (bare.empty() || number == selection.patterns.end()) throw;
    const std::string option(bare);
    throw controller::NoSuchName(std::string(error.what()) + "; " + option + " takes its value as " + option +
                                 "=" + *number);
  }
}

} // namespace

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

std::vector<controller::Chosen> choose(Context& context, const controller::Selection& selection,
                                       std::string_view bare) {
  const auto& config = context.config();
  if (config.hosts.empty())
    throw UsageError(config.path.empty()
                         ? "no configuration file, so no managers; give --config FILE or write "
                           "/etc/actors/registry.json"
                         : config.path + " names no hosts, so there are no managers");
  auto chosen = selected(config, selection, bare);
  if (chosen.empty()) throw UsageError("no manager is left of those chosen");
  return chosen;
}

std::vector<controller::Chosen> choose_for_change(Context& context, const controller::Selection& selection,
                                                  std::string_view verb, std::string_view bare) {
  if (selection.names_nothing())
    throw UsageError(std::string(verb) + " needs to know which managers: ids, globs, --host HOST or --all");
  return choose(context, selection, bare);
}

} // namespace cli
