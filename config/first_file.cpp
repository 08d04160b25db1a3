#include "config/first_file.hpp"

#include "config/rules.hpp"
#include "config/schema.hpp"

#include <nlohmann/json.hpp>

namespace config {
namespace {

/// As a JSON string. Bytes that are no UTF-8 become replacement characters.
std::string quoted_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

constexpr std::string_view beginning =
    R"(// The configuration of actorsctl: where the registry is, and which managers run on which hosts.
// Every key is explained in registry.json(5). `actorsctl config check` finds what is wrong here, `actorsctl config show`
// says what is in force. A registry that runs reads this again with `systemctl reload global-registry`.
{
  // What editors complete and check this file by.
  "$schema": )";

constexpr std::string_view for_this_machine = R"(,

  // Where the registry listens: only this machine reaches it there. For managers on other hosts:
  //   "registry_endpoint": "tcp://0.0.0.0:5555",
  //   "registry_connect": "tcp://NAME_OF_THIS_MACHINE:5555",
  "registry_endpoint": )";

constexpr std::string_view for_everybody = R"(,

  // Where the registry listens: at every address of its machine. It answers whoever reaches it.
  "registry_endpoint": )";

constexpr std::string_view where_reached = R"(,
  // Where managers and actorsctl reach it, from all hosts.
  "registry_connect": )";

constexpr std::string_view timeout_and_defaults = R"(,

  // A manager that was not heard for so many seconds is offline. Managers send a heartbeat every 2 s.
  "heartbeat_timeout_s": 6,

  // Any key of a host but `managers`, for all hosts.
  "defaults": {
    // "identity_file": "~/.ssh/id_actors",   // the key to show first; without it as ~/.ssh/config has it
    "privilege": "auto" // as is; where systemd refuses that, sudo
  },

  // A host has a name of your choice. `ssh` is how it is reached: user@host[:port], as for ssh(1), or "local": this
  // machine, over D-Bus. Its managers stand under the ids that they register with, each with its systemd unit.
  // Further keys of a manager are: "after": ["ID"] orders starts across hosts; "heartbeats": false is for one that
  // never speaks to the registry; "restart_on_timeout": {} has `actorsctl supervise` restart it when it hangs.
  "hosts": {)";

std::string members(const std::vector<FirstFile::Manager>& managers) {
  std::string text;
  for (const auto& manager : managers) {
    text += (text.empty() ? "\n        " : ",\n        ") + quoted_json(manager.id);
    text += ": {\"service\": " + quoted_json(manager.service) + "}";
  }
  return text.empty() ? "{}" : "{" + text + "\n      }";
}

std::string members(const std::vector<FirstFile::Host>& hosts) {
  std::string text;
  for (const auto& host : hosts) {
    text += (text.empty() ? "\n    " : ",\n    ") + quoted_json(host.name);
    text += ": {\n      \"ssh\": " + quoted_json(host.ssh);
    text += ",\n      \"managers\": " + members(host.managers) + "\n    }";
  }
  return text.empty() ? text : text + "\n  ";
}

/// An address that can be bound, of an endpoint on this machine: a name can't.
std::string bound_here(const std::string& endpoint) {
  constexpr std::string_view by_name = "tcp://localhost:";
  if (!endpoint.starts_with(by_name)) return endpoint;
  return "tcp://127.0.0.1:" + endpoint.substr(by_name.size());
}

std::string registry_of(const std::string& endpoint) {
  if (endpoint.empty()) return std::string(for_this_machine) + quoted_json("tcp://127.0.0.1:5555");
  if (is_loopback(endpoint)) return std::string(for_this_machine) + quoted_json(bound_here(endpoint));
  const std::string everywhere = endpoint.starts_with("tcp://[") ? "tcp://[::]" : "tcp://0.0.0.0";
  const auto bound = everywhere + endpoint.substr(endpoint.rfind(':'));
  return std::string(for_everybody) + quoted_json(bound) + std::string(where_reached) + quoted_json(endpoint);
}

} // namespace

std::string text_of(const FirstFile& file) {
  std::string text(beginning);
  text += quoted_json(schema_uri()) + registry_of(file.registry);
  text += std::string(timeout_and_defaults) + members(file.hosts) + "}\n}\n";
  return text;
}

} // namespace config
