#include "cli/clients_file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_codes.hpp"
#include "cli/output.hpp"
#include "cli/validators.hpp"
#include "config/rules.hpp"
#include "registry_core/security/certificate.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

namespace cli {
namespace {

using config::TrustedClient;
using Patterns = std::vector<std::string>;

constexpr const char* takes_notice = "; a registry that runs with this file takes notice within a second";

struct ClientTrustCommand {
  std::string name;
  std::string key; ///< or a file
  Patterns register_names, look_up, unregister, list, managers;
  bool read_only = false;
  bool replace = false;
};

const std::string& clients_file(Context& context) {
  const auto& config = context.config();
  if (config.security.clients_file.empty())
    throw ConfigUnreadable((config.path.empty() ? "no file" : config.path) +
                           ": security.curve.clients_file is not set: there is nowhere to write to");
  return config.security.clients_file;
}

std::string key_of(const std::string& key_or_file) {
  const bool is_key = config::is_curve_key(key_or_file) && key_or_file.front() != '/';
  return is_key ? key_or_file : registry_core::read_public_key(key_or_file).text();
}

std::optional<Patterns> given(const Patterns& patterns, bool nothing = false) {
  if (!patterns.empty()) return patterns;
  return nothing ? std::optional<Patterns>(std::in_place) : std::nullopt;
}

TrustedClient client_of(const ClientTrustCommand& command) {
  return {command.name,
          key_of(command.key),
          given(command.register_names, command.read_only),
          given(command.look_up),
          given(command.unregister, command.read_only),
          given(command.list),
          given(command.managers, command.read_only)};
}

std::vector<TrustedClient>::iterator find(std::vector<TrustedClient>& clients, const std::string& name) {
  return std::find_if(clients.begin(), clients.end(), [&](const auto& one) { return one.name == name; });
}

void add(std::vector<TrustedClient>& clients, const TrustedClient& client, bool replace) {
  for (const auto& other : clients)
    if (other.key == client.key && other.name != client.name)
      throw std::runtime_error("client '" + other.name + "' has this key already; one key is one client");
  const auto known = find(clients, client.name);
  if (known == clients.end()) {
    clients.push_back(client);
    return;
  }
  if (known->key != client.key && !replace)
    throw std::runtime_error("client '" + client.name +
                             "' is trusted with another key; --replace puts this one in its place");
  // A list that is not given stays: who changes a key does not mean to allow more.
  const auto keep = [&](auto TrustedClient::*list) {
    if (client.*list) (*known).*list = client.*list;
  };
  known->key = client.key;
  keep(&TrustedClient::register_names);
  keep(&TrustedClient::look_up);
  keep(&TrustedClient::unregister);
  keep(&TrustedClient::list);
  keep(&TrustedClient::managers);
}

int trust(Context& context, const ClientTrustCommand& command) {
  const auto& file = clients_file(context);
  const auto client = client_of(command);
  edit_clients(file, [&](auto& clients) { add(clients, client, command.replace); });
  if (!context.options.json) {
    print(client.name + ": trusted with " + client.key + " (" + file + ")" + takes_notice + "\n");
    return exit_done;
  }
  Json json;
  json["client"] = client.name;
  json["key"] = client.key;
  json["clients_file"] = file;
  print_json(json);
  return exit_done;
}

int revoke(Context& context, const std::string& name) {
  const auto& file = clients_file(context);
  std::string key;
  edit_clients(file, [&](auto& clients) {
    const auto known = find(clients, name);
    if (known == clients.end()) throw controller::NoSuchName("no client '" + name + "' in " + file);
    key = known->key;
    clients.erase(known);
  });
  if (!context.options.json) {
    print(name + ": revoked, " + key + " (" + file + ")" + takes_notice + "\n");
    return exit_done;
  }
  Json json;
  json["client"] = name;
  json["key"] = key;
  json["clients_file"] = file;
  print_json(json);
  return exit_done;
}

void add_patterns(CLI::App& app, const char* name, Patterns& into, const char* help) {
  app.add_option(name, into, std::string(help) + " (may be repeated; without it: any, or as before)")
      ->type_name("GLOB")
      ->check(plain_text())
      ->allow_extra_args(false);
}

} // namespace

void add_registry_trust(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("trust", "Trust a client's key");
  auto command = std::make_shared<ClientTrustCommand>();
  app->add_option("NAME", command->name, "What the client is called in the log and in denials")
      ->type_name("")
      ->required()
      ->check(client_name());
  app->add_option("KEY", command->key, "Its public key, or a file that has it (PATH.key of keygen)")
      ->type_name("")
      ->required()
      ->check(not_empty());
  add_patterns(*app, "--register", command->register_names, "Names that it may register");
  add_patterns(*app, "--lookup", command->look_up, "Names that it may look up");
  app->add_option("--unregister", command->unregister,
                  "Names that it may unregister (may be repeated; without it: as --register)")
      ->type_name("GLOB")
      ->check(plain_text())
      ->allow_extra_args(false);
  add_patterns(*app, "--list", command->list, "Names that it may list");
  add_patterns(*app, "--manager", command->managers, "Managers that it may speak for");
  app->add_flag("--read-only", command->read_only, "It may look up and list, and change nothing");
  app->add_flag("--replace", command->replace, "Also where the name has another key: it is replaced");
  app->callback(
      [&context, command] { context.run = [&context, command] { return trust(context, *command); }; });
}

void add_registry_revoke(CLI::App& parent, Context& context) {
  auto* app = parent.add_subcommand("revoke", "Trust a client's key no longer");
  auto name = std::make_shared<std::string>();
  app->add_option("NAME", *name, "As it was trusted")->type_name("")->required()->check(not_empty());
  app->callback([&context, name] { context.run = [&context, name] { return revoke(context, *name); }; });
}

} // namespace cli
