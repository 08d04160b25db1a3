#include "actors/registry/RegistryQuery.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <array>
#include <cstdio>
#include <memory>

namespace cli {
namespace {

using actors::registry::ActorEntry;
using actors::registry::ManagerEntry;
using actors::registry::ProcessInfo;

/// \param expected its silence is planned.
Cell state_cell(bool online, bool suspect, bool expected = false) {
  if (suspect) return {"suspect", Tint::warning};
  if (online) return {"online", Tint::good};
  return {"offline", expected ? Tint::faint : Tint::bad};
}

std::string age(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return text.data();
}

/// What somebody who was woken up must know before he acts.
std::string note(const ManagerEntry& manager) {
  std::string text;
  if (manager.suspect) text = "not heard, like many others: taken for online for now";
  if (!manager.expected) return text;
  std::array<char, 64> words{};
  std::snprintf(words.data(), words.size(),
                manager.online ? "may go offline within %.0f s" : "expected, for %.0f s more",
                manager.expected->seconds);
  text += (text.empty() ? "" : "; ") + std::string(words.data());
  return manager.expected->reason.empty() ? text : text + ": " + manager.expected->reason;
}

/// A glob may fit nothing; a name that is spelt out must be there.
int conclude(const std::string& what, const std::string& glob, bool none) {
  if (!none || glob.empty() || glob.find_first_of("*?[") != std::string::npos) return exit_done;
  complain("no " + what + " named '" + glob + "' in the registry");
  return exit_no_such_name;
}

Json to_json(const ActorEntry& actor) {
  Json json;
  json["actor_name"] = actor.actor_name;
  json["endpoint"] = actor.endpoint;
  json["manager_id"] = actor.manager_id;
  json["online"] = actor.online;
  json["suspect"] = actor.suspect;
  return json;
}

int actors(Context& context, const std::string& glob) {
  const auto entries = context.registry_query().list_actors(glob);
  if (context.options.json) {
    Json json;
    json["actors"] = Json::array();
    for (const auto& entry : entries)
      json["actors"].push_back(to_json(entry));
    print_json(json);
  } else {
    Table table({"ACTOR", "ENDPOINT", "MANAGER", "STATE"});
    for (const auto& entry : entries)
      table.add(
          {entry.actor_name, entry.endpoint, entry.manager_id, state_cell(entry.online, entry.suspect)});
    print(table.render(context.colours()));
  }
  return conclude("actor", glob, entries.empty());
}

template<typename Value>
void put(Json& json, const char* key, const std::optional<Value>& value) {
  if (value) json[key] = *value;
}

Json to_json(const ProcessInfo& process) {
  Json json = Json::object();
  put(json, "host", process.host);
  put(json, "pid", process.pid);
  put(json, "unit", process.unit);
  put(json, "invocation_id", process.invocation_id);
  put(json, "language", process.language);
  put(json, "version", process.version);
  return json;
}

Json to_json(const ManagerEntry& manager) {
  Json json;
  json["manager_id"] = manager.manager_id;
  json["online"] = manager.online;
  json["suspect"] = manager.suspect;
  json["age_s"] = manager.age_s ? Json(*manager.age_s) : Json(nullptr);
  json["actors"] = manager.actors;
  json["address"] = manager.address;
  put(json, "instance", manager.instance);
  if (manager.process) json["process"] = to_json(*manager.process);
  json["expected"] = nullptr;
  if (manager.expected)
    json["expected"] = {{"seconds", manager.expected->seconds}, {"reason", manager.expected->reason}};
  return json;
}

std::string where(const ManagerEntry& manager) {
  if (!manager.process) return manager.address;
  std::string text = manager.process->host.value_or(manager.address);
  if (manager.process->unit) text += " " + *manager.process->unit;
  if (manager.process->pid) text += " (pid " + std::to_string(*manager.process->pid) + ")";
  return text;
}

int managers(Context& context, const std::string& glob) {
  const auto entries = context.registry_query().list_managers(glob);
  if (context.options.json) {
    Json json;
    json["managers"] = Json::array();
    for (const auto& entry : entries)
      json["managers"].push_back(to_json(entry));
    print_json(json);
  } else {
    Table table({"MANAGER", "STATE", "LAST HEARD", "ACTORS", "WHERE", "NOTE"});
    for (const auto& entry : entries)
      table.add({entry.manager_id, state_cell(entry.online, entry.suspect, entry.expected.has_value()),
                 entry.age_s ? age(*entry.age_s) : "not yet", std::to_string(entry.actors), where(entry),
                 note(entry)});
    print(table.render(context.colours()));
  }
  return conclude("manager", glob, entries.empty());
}

void add(CLI::App& parent, Context& context, const char* name, const char* about,
         int (*list)(Context&, const std::string&)) {
  auto* app = parent.add_subcommand(name, about);
  auto glob = std::make_shared<std::string>();
  app->add_option("GLOB", *glob, "Only those whose name fits ('Order*')")->type_name("");
  app->callback(
      [&context, glob, list] { context.run = [&context, glob, list] { return list(context, *glob); }; });
}

} // namespace

void add_actors(CLI::App& parent, Context& context) {
  add(parent, context, "actors", "The actors that the registry knows", actors);
}

void add_managers(CLI::App& parent, Context& context) {
  add(parent, context, "managers", "The managers that the registry knows, and when it last heard them",
      managers);
}

} // namespace cli
