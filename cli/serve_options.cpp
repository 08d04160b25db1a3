#include "cli/serve_options.hpp"

#include <array>
#include <chrono>
#include <cstdio>

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
  return limits;
}

// A value as a person would write it.
std::string text(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%g", value);
  return digits.data();
}
std::string text(std::uint64_t value) {
  return std::to_string(value);
}
std::string text(const std::optional<double>& value) {
  return value ? text(*value) : "off";
}
std::string text(config::Takeover value) {
  return value == config::Takeover::never ? "never" : "offline";
}
std::string text(const std::vector<std::string>& values) {
  std::string joined;
  for (const auto& value : values)
    joined += (joined.empty() ? "" : ", ") + value;
  return joined.empty() ? "none" : joined;
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
  return {limits.message_bytes,      limits.names,      limits.managers,
          limits.actors_per_manager, limits.peer_queue, limits.push_connections};
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
  settings.warnings = config.warnings;
  for (const auto& key : config.not_in_force)
    settings.warnings.push_back(key + ": not in force in this version");
  return settings;
}

registry_core::ServerOptions server_options(const config::Config& config, const ServeCommand& command) {
  registry_core::ServerOptions options;
  options.endpoints = command.endpoints.empty() ? config.registry_endpoint : command.endpoints;
  options.actor_endpoint = config.actor_endpoint;
  options.events_endpoint = config.events_endpoint;
  options.metrics_endpoint = config.metrics_endpoint;
  const std::string& data_dir = command.data_dir.empty() ? config.data_dir : command.data_dir;
  if (!command.in_memory && !data_dir.empty())
    options.store = {data_dir, config.durability == config::Durability::full};
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
  return read;
}

} // namespace cli
