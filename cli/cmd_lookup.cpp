#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace cli {
namespace {

using actors::registry::RegistryQuery;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_between_questions{200};

struct LookupCommand {
  std::string name;
  bool allow_offline = false;
  bool wait = false;
};

/// An endpoint and whether it is online; nothing where the name is not registered.
using Found = std::optional<std::pair<std::string, bool>>;

Found look_up(RegistryQuery& query, const std::string& name) {
  try {
    return query.lookup_allow_offline(name);
  } catch (const actors::registry::ActorNotFoundError&) {
    return std::nullopt;
  }
}

bool good(const Found& found, const LookupCommand& command) {
  return found && (found->second || command.allow_offline);
}

void print_found(const Context& context, const Found& found, const LookupCommand& command) {
  if (context.options.json) {
    Json json;
    json["actor_name"] = command.name;
    json["endpoint"] = found ? Json(found->first) : Json(nullptr);
    json["online"] = found && found->second;
    print_json(json);
  } else if (good(found, command)) {
    print(found->first + "\n");
  }
}

int conclude(const Context& context, const Found& found, const LookupCommand& command) {
  print_found(context, found, command);
  if (good(found, command)) return exit_done;
  if (!found) {
    complain("no actor named '" + command.name + "' is registered; see: actorsctl actors");
    return exit_no_such_name;
  }
  complain("actor '" + command.name + "' is offline (last known at " + found->first +
           "); --allow-offline prints it all the same");
  return exit_offline;
}

/// Asks until it is there; a registry that is away meanwhile is waited for as well.
int wait_for(Context& context, const LookupCommand& command) {
  const auto limit = context.options.timeout_s;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(limit.value_or(0)));
  RegistryQuery query(context.registry().endpoints, std::chrono::seconds(1));
  bool answered = false;
  while (!interrupted()) {
    try {
      const auto found = look_up(query, command.name);
      answered = true;
      if (good(found, command)) return conclude(context, found, command);
    } catch (const actors::registry::TimeoutError&) {
      answered = false;
    }
    if (limit && Clock::now() >= deadline) {
      if (!answered) throw actors::registry::TimeoutError("no answer");
      print_found(context, std::nullopt, command);
      complain("actor '" + command.name + "' is not registered and online within the time given");
      return exit_unheard;
    }
    std::this_thread::sleep_for(pause_between_questions);
  }
  return interrupt_exit_code();
}

int lookup(Context& context, const LookupCommand& command) {
  if (command.name.empty()) throw UsageError("lookup needs an actor's name");
  if (command.wait) {
    count_interrupts();
    return wait_for(context, command);
  }
  const auto access = context.registry_access();
  RegistryQuery query(access.endpoints, access.timeout);
  return conclude(context, look_up(query, command.name), command);
}

} // namespace

void add_lookup(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("lookup", "Print the endpoint of an actor");
  auto command = std::make_shared<LookupCommand>();
  app->add_option("NAME", command->name, "The actor's name")->type_name("")->required();
  app->add_flag("--allow-offline", command->allow_offline, "Also where its manager is not heard");
  app->add_flag("--wait", command->wait, "Wait until it is registered and online");
  app->callback(
      [&context, command] { context.run = [&context, command] { return lookup(context, *command); }; });
}

} // namespace cli
