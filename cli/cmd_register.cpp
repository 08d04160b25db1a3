#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"

#include <memory>

namespace cli {
namespace {

struct RegisterCommand {
  std::string name;
  std::string endpoint;
  std::string manager_id;
};

struct UnregisterCommand {
  std::string name;
  std::string manager_id;
  bool forget = false;
};

int register_actor(Context& context, const RegisterCommand& command) {
  const auto stored =
      context.registry_query().register_actor(command.name, command.endpoint, command.manager_id);
  if (context.options.json) {
    Json json;
    json["actor_name"] = command.name;
    json["manager_id"] = command.manager_id;
    json["endpoint"] = stored.endpoint;
    json["local_only"] = stored.local_only;
    print_json(json);
  }
  context.say("registered at " + stored.endpoint + "; online until the next timeout, and while " +
              command.manager_id + " sends heartbeats");
  if (stored.local_only)
    complain("actor '" + command.name + "' is stored at " + stored.endpoint +
             ", which other machines can't reach; name an address, or set registry_connect");
  return exit_done;
}

int unregister_actor(Context& context, const UnregisterCommand& command) {
  auto registry = context.registry_query();
  // The registry takes an unknown name for one that is gone already; here it is a slip of the pen.
  const auto found = registry.find(command.name);
  if (!found.endpoint) {
    complain("no actor named '" + command.name + "' is registered; see: actorsctl actors");
    return exit_no_such_name;
  }
  registry.unregister_actor(command.name, command.manager_id);
  if (context.options.json) {
    Json json;
    json["actor_name"] = command.name;
    json["endpoint"] = *found.endpoint;
    print_json(json);
  }
  context.say("unregistered; it was at " + *found.endpoint);
  return exit_done;
}

/// A pattern that fits this text alone.
std::string literally(const std::string& text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '\\' || c == '*' || c == '?' || c == '[') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

int unregister_manager(Context& context, const UnregisterCommand& command) {
  auto registry = context.registry_query();
  if (registry.list_managers(literally(command.manager_id)).empty()) {
    complain("no manager named '" + command.manager_id + "' in the registry; see: actorsctl managers");
    return exit_no_such_name;
  }
  const auto actors = registry.say_goodbye(command.manager_id, command.forget);
  if (context.options.json) {
    Json json;
    json["manager_id"] = command.manager_id;
    json["actors"] = actors;
    json["forgotten"] = command.forget;
    print_json(json);
  }
  context.say(command.manager_id +
              (command.forget ? " and its actors are forgotten: " : " and its actors are offline: ") +
              std::to_string(actors));
  return exit_done;
}

int unregister(Context& context, const UnregisterCommand& command) {
  if (command.name.empty() && command.manager_id.empty())
    throw UsageError("unregister needs an actor's name, or --manager ID");
  if (command.forget && !command.name.empty()) throw UsageError("--forget is for a whole manager");
  return command.name.empty() ? unregister_manager(context, command) : unregister_actor(context, command);
}

} // namespace

void add_register(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("register", "Put an actor into the registry, for a manager");
  auto command = std::make_shared<RegisterCommand>();
  app->add_option("NAME", command->name, "The actor's name")->type_name("")->required();
  app->add_option("ENDPOINT", command->endpoint, "Where it is: tcp://HOST:PORT or ipc://PATH")
      ->type_name("")
      ->required();
  app->add_option("--manager", command->manager_id, "Whose it is; counts as a heartbeat of that manager")
      ->type_name("ID")
      ->required();
  app->callback([&context, command] {
    context.run = [&context, command] { return register_actor(context, *command); };
  });
}

void add_unregister(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("unregister", "Take an actor out of the registry, or a manager offline");
  auto command = std::make_shared<UnregisterCommand>();
  app->add_option("NAME", command->name, "The actor's name")->type_name("");
  app->add_option(
         "--manager", command->manager_id,
         "Say goodbye for this manager: it is offline until its next heartbeat; with NAME: only if the "
         "actor is its")
      ->type_name("ID");
  app->add_flag("--forget", command->forget, "The manager and its actors are gone");
  app->callback(
      [&context, command] { context.run = [&context, command] { return unregister(context, *command); }; });
}

} // namespace cli
