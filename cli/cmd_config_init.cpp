#include "cli/commands.hpp"
#include "cli/config_contents.hpp"
#include "cli/exit_codes.hpp"
#include "cli/first_file_questions.hpp"
#include "cli/new_file.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"
#include "controller/load_config.hpp"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace cli {
namespace {

using config::FirstFile;

struct InitCommand {
  std::string path;
  std::vector<std::string> managers; ///< HOST/ID=SERVICE
  std::vector<std::string> targets;  ///< HOST=TARGET
  bool force = false;
};

/// The one of that name. A new one is reached by its name, or is this machine where that is `local`.
FirstFile::Host& host_named(FirstFile& file, const std::string& name) {
  const auto found = std::find_if(file.hosts.begin(), file.hosts.end(),
                                  [&](const FirstFile::Host& host) { return host.name == name; });
  return found != file.hosts.end() ? *found : file.hosts.emplace_back(FirstFile::Host{name, name, {}});
}

void add_manager_of(FirstFile& file, const std::string& said) {
  const auto slash = said.find('/');
  if (slash == std::string::npos || slash == 0)
    throw UsageError("--manager: expected HOST/ID=SERVICE, found '" + said + "'");
  try {
    add_manager(host_named(file, said.substr(0, slash)), std::string_view(said).substr(slash + 1));
  } catch (const std::invalid_argument&) {
    throw UsageError("--manager: expected HOST/ID=SERVICE, found '" + said + "'");
  }
}

void add_target(FirstFile& file, const std::string& said) {
  const auto equals = said.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == said.size())
    throw UsageError("--ssh: expected HOST=USER@HOST[:PORT], found '" + said + "'");
  host_named(file, said.substr(0, equals)).ssh = said.substr(equals + 1);
}

FirstFile file_of_options(const Context& context, const InitCommand& command) {
  FirstFile file{context.options.registry, {}};
  for (const auto& said : command.managers)
    add_manager_of(file, said);
  for (const auto& said : command.targets)
    add_target(file, said);
  if (const auto problem = problem_of(file); !problem.empty()) throw UsageError(problem);
  return file;
}

FirstFile file_wanted(const Context& context, const InitCommand& command) {
  const bool told =
      !context.options.registry.empty() || !command.managers.empty() || !command.targets.empty();
  if (told) return file_of_options(context, command);
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1)
    throw UsageError(
        "there is no terminal to ask on: say what goes into the file with --registry, --manager and --ssh");
  return ask_for_first_file();
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

[[noreturn]] void refuse_to_replace(const std::string& path) {
  throw std::runtime_error(path + " is there already; --force replaces it");
}

void print_result(Context& context, const config::Config& config) {
  if (!context.options.json) return print(config.path + ": written, " + contents(config) + "\n");
  Json json;
  json["path"] = config.path;
  json["written"] = true;
  json["hosts"] = config.hosts.size();
  json["managers"] = managers_of(config);
  print_json(json);
}

int init(Context& context, const InitCommand& command) {
  const auto path = command.path.empty() ? context.config_source().path : command.path;
  if (!command.force && is_there(path)) refuse_to_replace(path);
  const auto text = config::text_of(file_wanted(context, command));
  try {
    put_file(path, text, command.force);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::file_exists) refuse_to_replace(path);
    throw;
  }
  print_result(context, controller::parse_config(text, path));
  return exit_done;
}

} // namespace

void add_config_init(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("init", "Write a first file, from answers or from options; --registry "
                                            "says where managers reach the registry");
  auto command = std::make_shared<InitCommand>();
  app->add_option("FILE", command->path, "The file to write (the configuration in force)")->type_name("");
  app->add_option("--manager", command->managers,
                  "A manager: its host, its id, its systemd unit (may be repeated)")
      ->type_name("HOST/ID=SERVICE")
      ->allow_extra_args(false);
  app->add_option("--ssh", command->targets,
                  "How SSH reaches a host, user@host[:port]; else by its name (may be repeated)")
      ->type_name("HOST=TARGET")
      ->allow_extra_args(false);
  app->add_flag("--force", command->force, "Also where there is a file: it is replaced");
  app->callback(
      [&context, command] { context.run = [&context, command] { return init(context, *command); }; });
}

} // namespace cli
