#include "actors/registry/RegistryEvents.hpp"
#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/selection_options.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace cli {
namespace {

using actors::registry::FoundActor;
using actors::registry::RegistryEvents;
using actors::registry::RegistryQuery;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_answer{1};
constexpr std::chrono::seconds pause_between_questions{1};

struct LookupCommand {
  std::string name;
  bool allow_offline = false;
  bool wait = false;
};

bool good(const FoundActor& found, const LookupCommand& command) {
  return found.endpoint && (found.online || command.allow_offline);
}

void print_found(const Context& context, const FoundActor& found, const LookupCommand& command) {
  if (context.options.json) {
    Json json;
    json["actor_name"] = command.name;
    json["endpoint"] = found.endpoint ? Json(*found.endpoint) : Json(nullptr);
    json["online"] = found.online;
    if (found.manager_id) json["manager_id"] = *found.manager_id;
    print_json(json);
  } else if (good(found, command)) {
    print(*found.endpoint + "\n");
  }
}

int conclude(const Context& context, const FoundActor& found, const LookupCommand& command) {
  print_found(context, found, command);
  if (good(found, command)) return exit_done;
  if (!found.endpoint) {
    complain("no actor named '" + command.name + "' is registered; see: actorsctl actors");
    return exit_no_such_name;
  }
  complain("actor '" + command.name + "' is offline (last known at " + *found.endpoint +
           "); --allow-offline prints it all the same");
  return exit_offline;
}

/// Waits for the next moment at which a look may be worth it: a change of the actor or its manager, a tick;
/// where there are no events, a second.
class Occasions {
public:
  Occasions(controller::RegistryAccess registry, const std::string& name)
      : registry_(std::move(registry)), topic_("actor/" + name) {}

  /// \param found what the registry answered last.
  void wait(const FoundActor& found, Clock::time_point until) {
    try {
      if (!events_ && !off_)
        events_.emplace(registry_.endpoints, std::vector<std::string>{topic_}, longest_answer,
                        registry_.keys);
      if (events_) return wait_for_event(found, until);
    } catch (const actors::registry::TimeoutError&) { // the next look will say so
      return;
    } catch (const actors::registry::RegistryError&) { // most likely it publishes none
      off_ = true;
      events_.reset();
    }
    std::this_thread::sleep_until(until);
  }

private:
  void wait_for_event(const FoundActor& found, Clock::time_point until) {
    if (found.manager_id) events_->subscribe("manager/" + *found.manager_id);
    while (Clock::now() < until && std::holds_alternative<std::monostate>(events_->next(until))) {
    }
  }

  controller::RegistryAccess registry_;
  std::string topic_;
  std::optional<RegistryEvents> events_;
  bool off_ = false; ///< there are none to be had
};

/// Asks until it is there; a registry that is away meanwhile is waited for as well.
int wait_for(Context& context, const LookupCommand& command) {
  const auto limit = context.options.timeout_s;
  const auto deadline =
      limit
          ? Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*limit))
          : Clock::time_point::max();
  const auto access = context.registry_access();
  RegistryQuery query(access.endpoints, longest_answer, access.keys);
  Occasions occasions(access, command.name);
  for (;;) {
    std::optional<FoundActor> found;
    try {
      found = query.find(command.name);
    } catch (const actors::registry::TimeoutError&) {
      if (Clock::now() >= deadline) throw;
      continue;
    }
    if (good(*found, command)) return conclude(context, *found, command);
    if (Clock::now() >= deadline) {
      print_found(context, *found, command);
      complain("actor '" + command.name + "' is not registered and online within the time given");
      return exit_unheard;
    }
    occasions.wait(*found, std::min(Clock::now() + pause_between_questions, deadline));
  }
}

int lookup(Context& context, const LookupCommand& command) {
  if (command.name.empty()) throw UsageError("lookup needs an actor's name");
  if (command.wait) {
    end_on_interrupt();
    return wait_for(context, command);
  }
  auto query = context.registry_query();
  return conclude(context, query.find(command.name), command);
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
