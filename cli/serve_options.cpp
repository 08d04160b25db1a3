#include "cli/serve_options.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace cli {

namespace {

std::chrono::nanoseconds nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

registry_core::Limits limits_of(const config::Limits& given) {
  registry_core::Limits limits;
  limits.message_bytes = given.message_bytes.value_or(limits.message_bytes);
  limits.names = given.names.value_or(limits.names);
  limits.managers = given.managers.value_or(limits.managers);
  limits.actors_per_manager = given.actors_per_manager.value_or(limits.actors_per_manager);
  limits.peer_queue = given.peer_queue.value_or(limits.peer_queue);
  limits.push_connections = given.push_connections.value_or(limits.push_connections);
  limits.connections = given.connections.value_or(limits.connections);
  limits.peer_connections = given.peer_connections.value_or(limits.peer_connections);
  limits.peer_messages_s = given.peer_messages_s.value_or(limits.peer_messages_s);
  return limits;
}

// A value as a person would write it.
std::string text(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%g", value);
  return digits.data();
}
std::string text(std::uint64_t value) {
  return value == UINT64_MAX ? "no limit" : std::to_string(value);
}
std::string text(const std::optional<double>& value) {
  return value ? text(*value) : "off";
}
std::string text(config::Takeover value) {
  return value == config::Takeover::never ? "never" : "offline";
}
std::string text(const std::string& value) {
  return value.empty() ? "none" : value;
}
std::string text(const std::vector<std::string>& values) {
  std::string joined;
  for (const auto& value : values)
    joined += (joined.empty() ? "" : ", ") + value;
  return joined.empty() ? "none" : joined;
}

std::string text(const std::vector<config::AllowedNetworks>& values) {
  std::vector<std::string> each;
  for (const auto& [endpoint, networks] : values)
    each.push_back(endpoint + " for " + text(networks));
  return text(each);
}

std::pair<bool, std::vector<std::string>> curve_endpoints_of(const config::Config& config) {
  return {config.security.curve_everywhere, config.security.curve_endpoints};
}

class Differences {
public:
  template<typename Value>
  void compare(const char* key, const Value& before, const Value& after) {
    if (before != after) lines.push_back(std::string(key) + ": " + text(before) + " -> " + text(after));
  }
  std::vector<std::string> lines;
};

} // namespace

config::Limits limits_in_force(const config::Limits& given) {
  const auto limits = limits_of(given);
  return {limits.message_bytes,  limits.names,
          limits.managers,       limits.actors_per_manager,
          limits.peer_queue,     limits.push_connections,
          given.connections,     limits.peer_connections,
          limits.peer_messages_s};
}

config::Config in_force(config::Config config, const ServeCommand& command) {
  if (!command.endpoints.empty()) config.registry_endpoint = command.endpoints;
  return config;
}

registry_core::ServerSettings server_settings(const config::Config& config) {
  registry_core::ServerSettings settings;
  settings.connect_endpoints = config.registry_connect;
  settings.heartbeat_timeout = nanoseconds(config.heartbeat_timeout_s);
  settings.check_interval = nanoseconds(config.heartbeat_check_interval_s);
  settings.takeover = config.takeover == config::Takeover::never ? registry_core::Takeover::never
                                                                 : registry_core::Takeover::offline;
  if (config.forget_offline_after_s)
    settings.forget_offline_after = nanoseconds(*config.forget_offline_after_s);
  settings.mass_timeout_guard = config.mass_timeout_guard;
  settings.guard_max = nanoseconds(config.guard_max_s);
  settings.limits = limits_of(config.limits);
  settings.reply_networks = config.reply_networks;
  for (const auto& allowed : config.security.allow)
    settings.allow.push_back({allowed.endpoint, allowed.networks});
  for (const auto& open : config::open_endpoints(config))
    settings.warnings.push_back(config::why_exposed(open.endpoint));
  settings.warnings.insert(settings.warnings.end(), config.warnings.begin(), config.warnings.end());
  for (const auto& key : config.not_in_force)
    settings.warnings.push_back(key + ": not in force in this version");
  return settings;
}

registry_core::ServerOptions server_options(const config::Config& given, const ServeCommand& command) {
  const auto config = in_force(given, command);
  registry_core::ServerOptions options;
  options.endpoints = config.registry_endpoint;
  options.actor_endpoint = config.actor_endpoint;
  options.events_endpoint = config.events_endpoint;
  options.metrics_endpoint = config.metrics_endpoint;
  const std::string& data_dir = command.data_dir.empty() ? config.data_dir : command.data_dir;
  if (!command.in_memory && !data_dir.empty())
    options.store = {data_dir, config.durability == config::Durability::full};
  for (const auto& bound : config::bound_endpoints(config))
    if (config::is_curve(config.security, bound.endpoint)) options.curve_endpoints.push_back(bound.endpoint);
  options.settings = server_settings(config);
  return options;
}

std::vector<std::string> changes_in_force(const config::Config& before, const config::Config& after) {
  Differences differences;
  differences.compare("registry_connect", before.registry_connect, after.registry_connect);
  differences.compare("heartbeat_timeout_s", before.heartbeat_timeout_s, after.heartbeat_timeout_s);
  differences.compare("heartbeat_check_interval_s", before.heartbeat_check_interval_s,
                      after.heartbeat_check_interval_s);
  differences.compare("takeover", before.takeover, after.takeover);
  differences.compare("forget_offline_after_s", before.forget_offline_after_s, after.forget_offline_after_s);
  differences.compare("mass_timeout_guard", before.mass_timeout_guard, after.mass_timeout_guard);
  differences.compare("guard_max_s", before.guard_max_s, after.guard_max_s);
  differences.compare("reply_networks", before.reply_networks, after.reply_networks);
  const auto old_limits = limits_of(before.limits);
  const auto limits = limits_of(after.limits);
  differences.compare("limits.message_bytes", old_limits.message_bytes, limits.message_bytes);
  differences.compare("limits.names", old_limits.names, limits.names);
  differences.compare("limits.managers", old_limits.managers, limits.managers);
  differences.compare("limits.actors_per_manager", old_limits.actors_per_manager, limits.actors_per_manager);
  differences.compare("limits.push_connections", old_limits.push_connections, limits.push_connections);
  differences.compare("limits.connections", old_limits.connections, limits.connections);
  differences.compare("limits.peer_connections", old_limits.peer_connections, limits.peer_connections);
  differences.compare("limits.peer_messages_s", old_limits.peer_messages_s, limits.peer_messages_s);
  differences.compare("security.allow", before.security.allow, after.security.allow);
  differences.compare("security.curve.clients_file", before.security.clients_file,
                      after.security.clients_file);
  return differences.lines;
}

std::vector<std::string> changes_for_restart(const config::Config& before, const config::Config& after,
                                             const ServeCommand& command) {
  std::vector<std::string> keys;
  const auto compare = [&keys](const char* key, const auto& old_value, const auto& new_value) {
    if (old_value != new_value) keys.emplace_back(key);
  };
  if (command.endpoints.empty())
    compare("registry_endpoint", before.registry_endpoint, after.registry_endpoint);
  compare("actor_endpoint", before.actor_endpoint, after.actor_endpoint);
  compare("events_endpoint", before.events_endpoint, after.events_endpoint);
  compare("metrics_endpoint", before.metrics_endpoint, after.metrics_endpoint);
  if (command.data_dir.empty() && !command.in_memory) compare("data_dir", before.data_dir, after.data_dir);
  if (!command.in_memory) compare("durability", before.durability, after.durability);
  compare("security.curve.endpoints", curve_endpoints_of(before), curve_endpoints_of(after));
  compare("security.curve.key_file", before.security.key_file, after.security.key_file);
  compare("limits.peer_queue", limits_of(before.limits).peer_queue, limits_of(after.limits).peer_queue);
  return keys;
}

config::Config with_what_runs(config::Config read, const config::Config& running) {
  read.registry_endpoint = running.registry_endpoint;
  read.actor_endpoint = running.actor_endpoint;
  read.events_endpoint = running.events_endpoint;
  read.metrics_endpoint = running.metrics_endpoint;
  read.data_dir = running.data_dir;
  read.durability = running.durability;
  read.limits.peer_queue = running.limits.peer_queue;
  read.security.curve_everywhere = running.security.curve_everywhere;
  read.security.curve_endpoints = running.security.curve_endpoints;
  read.security.key_file = running.security.key_file;
  return read;
}

} // namespace cli
