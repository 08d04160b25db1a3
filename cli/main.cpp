#include "actors/registry/errors.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/help.hpp"
#include "cli/output.hpp"
#include "cli/passed_signals.hpp"
#include "cli/selection_options.hpp"
#include "cli/validators.hpp"
#include "config/load.hpp"
#include "controller/deploy.hpp"
#include "controller/failure.hpp"
#include "controller/targets.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <string>
#include <vector>

namespace cli {
namespace {

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--config", options.config, "The configuration (REGISTRY_CONFIG, /etc/actors/registry.json)")
      ->type_name("FILE");
  app.add_option("--registry", options.registry,
                 "Where the registry is (REGISTRY_ENDPOINT, the configuration)")
      ->type_name("ENDPOINT")
      ->check(endpoint());
  app.add_option("--timeout", options.timeout_s, "How long a question or a change may take")
      ->type_name("SECONDS")
      ->check(seconds());
  app.add_flag("--json", options.json, "One JSON object on standard output");
  app.add_option("--color", options.color, "Colours: auto, always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
  app.add_flag("-v,--verbose", options.verbose, "Say what is being done, also without a terminal");
  app.set_version_flag("--version", std::string("actorsctl ") + ACTORSCTL_VERSION,
                       "Print the version and exit");
}

void configure(CLI::App& app, Context& context) {
  app.description("Finds actors by name, and starts, stops and explains the managers they live in.");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_help_flag("-h,--help", "Print this help and exit");
  use_own_help(app);
  add_global_options(app, context.options);
  for (const auto add : commands())
    add(app, context);
  end_help_with_the_manual(app);
}

/// The command that was chosen, as deep as it goes, and what leads to it: `actorsctl hosts`.
struct ChosenCommand {
  const CLI::App* app;
  std::string leading;
  [[nodiscard]] std::string name() const {
    return leading.empty() ? app->get_name() : leading + " " + app->get_name();
  }
};

ChosenCommand chosen_command(const CLI::App& app) {
  ChosenCommand chosen{&app, ""};
  for (auto next = app.get_subcommands(); !next.empty(); next = next.front()->get_subcommands())
    chosen = {next.front(), chosen.name()};
  return chosen;
}

/// What went wrong: a line each on standard error, and the exit code.
struct Trouble {
  int exit_code = exit_failed;
  std::vector<std::string> lines;
};

/// With where to read on.
Trouble usage_error(const CLI::App& app, const std::string& message) {
  return {exit_usage, {message + "; see: " + chosen_command(app).name() + " --help"}};
}

Trouble config_faults(const config::Error& error) {
  Trouble trouble{exit_configuration, {}};
  for (const auto& fault : error.faults())
    trouble.lines.push_back("config: " + config::to_string(error.path(), fault));
  return trouble;
}

/// CLI11 says "a subcommand is required" also where one was given that does not exist.
std::string what_is_missing(const CLI::App& app, const CLI::RequiredError& error) {
  if (app.get_subcommands({}).empty()) return error.what();
  const auto words = app.remaining();
  return words.empty() ? "a command is needed" : "no command '" + words.front() + "'";
}

/// The failure that is being handled.
Trouble explain(Context& context, const CLI::App& app) {
  try {
    throw;
  } catch (const UsageError& error) {
    return usage_error(app, error.what());
  } catch (const CLI::RequiredError& error) {
    return usage_error(app, what_is_missing(*chosen_command(app).app, error));
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error.what());
  } catch (const controller::NoSuchName& error) {
    return {exit_no_such_name, {error.what()}};
  } catch (const config::Error& error) {
    return config_faults(error);
  } catch (const controller::NotDeployable& error) {
    return {exit_configuration, {std::string("config: ") + error.what()}};
  } catch (const ConfigUnreadable& error) {
    return {exit_configuration, {std::string("config: ") + error.what()}};
  } catch (const actors::registry::TimeoutError&) {
    return {exit_unheard, {context.registry_silence(context.registry_access().timeout)}};
  } catch (const actors::registry::EventsOffError& error) {
    return {exit_configuration, {context.registry_problem(error.what())}};
  } catch (const actors::registry::UnusableKeyError& error) {
    return {exit_configuration, {error.what()}};
  } catch (const actors::registry::KeyNotAcceptedError& error) {
    return {exit_unheard,
            {context.registry_problem(error.what()) + "; where it is: actorsctl registry trust"}};
  } catch (const actors::registry::RegistrationFailedError& error) {
    return {exit_failed, {context.registry_problem("'" + error.actor_name() + "': " + error.reason())}};
  } catch (const actors::registry::RegistryError& error) {
    if (!error.code().empty()) return {exit_failed, {context.registry_problem(error.what())}};
    return {exit_unheard, {context.registry_problem(error.what())}};
  } catch (const std::exception& error) {
    return {exit_failed, {error.what()}};
  }
}

/// On standard error for people; scripts that asked for JSON get their one object all the same.
int tell(const Context& context, const Trouble& trouble) {
  const int exit_code = context.own_fault.value_or(trouble.exit_code);
  for (const auto& line : trouble.lines)
    complain(line);
  if (!context.options.json) return exit_code;
  const auto json = error_json(exit_code, trouble.lines);
  context.json_lines ? print_json_line(json) : print_json(json);
  return exit_code;
}

/// What follows the first `--` is no argument of ours.
void cut_off_words(Context& context, std::vector<std::string>& arguments) {
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  if (separator == arguments.end()) return;
  context.words.emplace(separator + 1, arguments.end());
  arguments.erase(separator, arguments.end());
}

void refuse_words_without_use(const Context& context) {
  if (context.words && !context.takes_words) throw UsageError("nothing may follow '--' here");
}

/// Help and version are exceptions to CLI11.
int parse_and_run(CLI::App& app, Context& context, std::vector<std::string> arguments) {
  cut_off_words(context, arguments);
  std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = chosen_command(app);
    print(chosen.app->help(chosen.leading));
    return exit_done;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return exit_done;
  } catch (const CLI::ParseError&) {
    refuse_words_without_use(context);
    throw;
  }
  refuse_words_without_use(context);
  return context.run();
}

int run(const std::vector<std::string>& arguments) {
  Context context;
  CLI::App app("", "actorsctl");
  configure(app, context);
  try {
    return parse_and_run(app, context, arguments);
  } catch (...) {
    return tell(context, explain(context, app));
  }
}

/// A descriptor 0, 1 or 2 that the caller closed would be given to a socket, and our words to whoever is
/// behind it.
void occupy_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)::open("/dev/null", O_RDWR | O_CLOEXEC);
}

} // namespace
} // namespace cli

// What escapes is a failure of memory, or of standard output, while another failure is told.
int main(int argc, char** argv) { // NOLINT(bugprone-exception-escape)
  cli::ignore_broken_pipes();     // a write says EPIPE instead
  cli::occupy_standard_descriptors();
  return cli::run({argv + 1, argv + argc});
}
