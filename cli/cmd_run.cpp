#include "actors/registry/RegistryClient.hpp"
#include "cli/child_process.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/passed_signals.hpp"
#include "cli/presence.hpp"
#include "cli/selection_options.hpp"
#include "registry_core/protocol/names.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {
namespace {

using actors::registry::RegistryClient;

/// How long the program waits for the registry before it begins, and we for a last answer when it has ended.
constexpr std::chrono::milliseconds usual_timeout{2000};

struct RunCommand {
  std::string manager_id;
  std::vector<std::string> actors; ///< NAME=ENDPOINT
};

ActorAt parse_actor(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos)
    throw UsageError("--actor: expected NAME=ENDPOINT, found '" + text + "'; the program comes after '--'");
  ActorAt actor{text.substr(0, equals), text.substr(equals + 1)};
  if (!protocol::is_name(actor.name))
    throw UsageError("--actor: '" + actor.name + "' can't be a name: 1 to 255 bytes, no control characters");
  if (!protocol::is_actor_endpoint(actor.endpoint))
    throw UsageError("--actor: expected tcp://HOST:PORT or ipc://PATH, found '" + actor.endpoint + "'");
  return actor;
}

std::vector<ActorAt> parse_actors(const std::vector<std::string>& texts) {
  std::vector<ActorAt> actors;
  std::set<std::string> names;
  for (const auto& text : texts) {
    actors.push_back(parse_actor(text));
    if (!names.insert(actors.back().name).second)
      throw UsageError("--actor: '" + actors.back().name + "' is given twice");
  }
  return actors;
}

/// Ours, and who it is, where the registry is, and by which keys it is spoken to.
std::vector<std::string> environment_of_the_program(Context& context, const std::string& manager_id) {
  std::map<std::string_view, std::string> own{{"MANAGER_ID", manager_id},
                                              {"REGISTRY_ENDPOINT", context.registry().endpoints.front()}};
  const auto keys = context.registry_keys_for_programs();
  own.insert(keys.begin(), keys.end());
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!own.contains(text.substr(0, text.find('=')))) variables.emplace_back(text);
  }
  for (const auto& [name, value] : own)
    variables.push_back(std::string(name) + "=" + value);
  return variables;
}

std::chrono::milliseconds timeout(const Context& context) {
  if (!context.options.timeout_s) return usual_timeout;
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double>(*context.options.timeout_s));
}

/// Until the program has ended. Who does not run is not to be taken for somebody who answers.
void see_through(ChildProcess& child, const PassedSignals& signals, RegistryClient& client) {
  auto before = ChildProcess::State::running;
  while (true) {
    const auto state = child.look();
    if (state == ChildProcess::State::ended) return;
    if (state != before)
      state == ChildProcess::State::stopped ? client.stop_heartbeat() : client.start_heartbeat();
    before = state;
    const auto signal = signals.next();
    if (signal.si_signo != SIGCHLD) pass_on(signal, child.id());
  }
}

/// There is no such program, or it can't be run.
int not_run(const Context& context, const std::string& program, int error) {
  const int exit_code = error == ENOENT ? exit_not_found : exit_not_runnable;
  const auto line = "run: " + program + ": " + std::strerror(error); // NOLINT(concurrency-mt-unsafe)
  complain(line);
  if (context.options.json) print_json(error_json(exit_code, {line}));
  return exit_code;
}

/// The program's end as a shell has it.
int exit_status(const Context& context, const ChildProcess& child) {
  if (child.error() != 0) return not_run(context, context.words->front(), child.error());
  const int status = child.wait_status();
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_program(Context& context, const RunCommand& command) {
  if (!context.words || context.words->empty())
    throw UsageError("run needs a program: run --manager ID -- COMMAND [ARGUMENT]...");
  if (!protocol::is_manager_id(command.manager_id))
    throw UsageError("--manager: '" + command.manager_id +
                     "' can't be an id: 1 to 255 bytes, none of / * ? [");
  const auto actors = parse_actors(command.actors);
  const auto keys = context.registry_keys(); // before anything is run

  const PassedSignals signals;
  ChildProcess child(*context.words, environment_of_the_program(context, command.manager_id),
                     signals.inherited());
  RegistryClient client(command.manager_id, context.registry().endpoints, timeout(context), keys);
  client.speak_for(child.id());
  client.on_notice([&](const actors::registry::Notice& notice) {
    complain("run: " + command.manager_id + ": " + notice.text);
  });
  std::exception_ptr refusal;
  {
    const Presence presence(client, static_cast<bool>(keys), actors,
                            {[&] { child.release(); },
                             [&](std::exception_ptr thrown) {
                               refusal = std::move(thrown);
                               child.give_up();
                             },
                             [&](const std::string& line) { complain(context.registry_problem(line)); }});
    see_through(child, signals, client);
  }
  if (refusal) std::rethrow_exception(refusal);
  return exit_status(context, child);
}

} // namespace

void add_run(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("run", "Run any program as a manager: run --manager ID -- COMMAND...");
  auto command = std::make_shared<RunCommand>();
  app->add_option("--manager", command->manager_id, "The manager that the program is")
      ->type_name("ID")
      ->required();
  app->add_option("--actor", command->actors, "An actor that lives in it, and where (may be repeated)")
      ->type_name("NAME=ENDPOINT");
  app->footer("The program's exit status is this command's (128+N for signal N); 125 where it was not "
              "begun, 126 and\n"
              "127 where it can't be run or there is none.");
  app->preparse_callback([&context](std::size_t) {
    context.takes_words = true;
    context.own_fault = exit_own_fault;
  });
  app->callback(
      [&context, command] { context.run = [&context, command] { return run_program(context, *command); }; });
}

} // namespace cli
