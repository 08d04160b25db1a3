#include "config/settings.hpp"

#include <string_view>
#include <utility>

namespace config {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const auto& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_off(const std::optional<double>& value) {
  return value ? Json(*value) : Json("off");
}

Json or_off(const std::string& value) {
  return value.empty() ? "off" : value;
}

std::string_view word(Privilege privilege) {
  switch (privilege) {
  case Privilege::automatic: return "auto";
  case Privilege::none: return "none";
  case Privilege::sudo: return "sudo";
  }
  return "";
}

/// The settings so far, and where the file speaks of each.
class Listing {
public:
  explicit Listing(const Places& places) : places_(places) {}

  void add(KeyPath path, Json value) {
    const auto place = places_.find(path);
    const auto source = place ? Setting::Source::file : Setting::Source::built_in;
    settings_.push_back({std::move(path), std::move(value), source, place});
  }

  /// A host's, which `defaults` may say where the host does not.
  void add_of_host(const std::string& host, const std::string& key, Json value) {
    add({"hosts", host, key}, std::move(value));
    auto& added = settings_.back();
    if (added.place) return;
    added.place = places_.find({"defaults", key});
    if (added.place) added.source = Setting::Source::defaults;
  }

  [[nodiscard]] std::vector<Setting> take() { return std::move(settings_); }

private:
  const Places& places_;
  std::vector<Setting> settings_;
};

void list_limits(Listing& listing, const Limits& limits) {
  listing.add({"limits", "message_bytes"}, or_null(limits.message_bytes));
  listing.add({"limits", "names"}, or_null(limits.names));
  listing.add({"limits", "managers"}, or_null(limits.managers));
  listing.add({"limits", "actors_per_manager"}, or_null(limits.actors_per_manager));
  listing.add({"limits", "peer_queue"}, or_null(limits.peer_queue));
  listing.add({"limits", "push_connections"}, or_null(limits.push_connections));
  listing.add({"limits", "connections"}, or_null(limits.connections));
  listing.add({"limits", "peer_connections"}, or_null(limits.peer_connections));
  listing.add({"limits", "peer_messages_s"}, or_null(limits.peer_messages_s));
}

void list_security(Listing& listing, const Security& security) {
  const auto add_if_said = [&](const char* part, const char* key, const std::string& text) {
    if (!text.empty()) listing.add({"security", part, key}, text);
  };
  if (security.curve_everywhere) listing.add({"security", "curve", "endpoints"}, true);
  if (!security.curve_endpoints.empty())
    listing.add({"security", "curve", "endpoints"}, security.curve_endpoints);
  add_if_said("curve", "key_file", security.key_file);
  add_if_said("curve", "clients_file", security.clients_file);
  for (const auto& [endpoint, networks] : security.allow)
    listing.add({"security", "allow", endpoint}, networks);
  listing.add({"security", "require"}, security.require);
  add_if_said("client", "server_key", security.client_server_key);
  add_if_said("client", "key_file", security.client_key_file);
}

void list_registry(Listing& listing, const Config& config) {
  listing.add({"registry_endpoint"}, config.registry_endpoint);
  listing.add({"registry_connect"},
              config.registry_connect.empty() ? Json(nullptr) : Json(config.registry_connect));
  listing.add({"actor_endpoint"}, or_off(config.actor_endpoint));
  listing.add({"events_endpoint"}, or_off(config.events_endpoint));
  listing.add({"metrics_endpoint"}, or_off(config.metrics_endpoint));
  listing.add({"heartbeat_timeout_s"}, config.heartbeat_timeout_s);
  listing.add({"heartbeat_check_interval_s"}, config.heartbeat_check_interval_s);
  listing.add({"data_dir"}, config.data_dir);
  listing.add({"durability"}, config.durability == Durability::full ? "full" : "normal");
  listing.add({"takeover"}, config.takeover == Takeover::never ? "never" : "offline");
  listing.add({"forget_offline_after_s"}, or_off(config.forget_offline_after_s));
  listing.add({"mass_timeout_guard"}, or_off(config.mass_timeout_guard));
  listing.add({"guard_max_s"}, config.guard_max_s);
  list_limits(listing, config.limits);
  list_security(listing, config.security);
  listing.add({"reply_networks"}, config.reply_networks);
  listing.add({"settle_s"}, config.settle_s);
}

KeyPath below(KeyPath path, const char* key) {
  path.emplace_back(key);
  return path;
}

void list_restart(Listing& listing, const KeyPath& path, const RestartPolicy& policy) {
  listing.add(below(path, "delay_s"), policy.delay_s);
  listing.add(below(path, "max_delay_s"), policy.max_delay_s);
  listing.add(below(path, "per_hour"), policy.per_hour);
}

void list_resources(Listing& listing, const KeyPath& path, const Resources& resources) {
  const auto add_if_said = [&](const char* key, const auto& value) {
    if (value) listing.add(below(path, key), *value);
  };
  add_if_said("memory_max", resources.memory_max);
  add_if_said("cpu_quota", resources.cpu_quota);
  add_if_said("tasks_max", resources.tasks_max);
  add_if_said("limit_nofile", resources.limit_nofile);
  add_if_said("limit_memlock", resources.limit_memlock);
  add_if_said("nice", resources.nice);
}

std::vector<std::string> names_of(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<std::string> names;
  for (const auto& variable : variables)
    names.push_back(variable.first);
  return names;
}

void list_manager(Listing& listing, const Manager& manager) {
  const auto path = [&](const char* key) {
    return KeyPath{"hosts", manager.host, "managers", manager.id, key};
  };
  const auto add_if_said = [&](const char* key, const std::string& text) {
    if (!text.empty()) listing.add(path(key), text);
  };
  listing.add(path("service"), manager.service);
  add_if_said("language", manager.language);
  add_if_said("description", manager.description);
  listing.add(path("heartbeats"), manager.heartbeats);
  listing.add(path("after"), manager.after);
  if (manager.restart_on_timeout)
    list_restart(listing, path("restart_on_timeout"), *manager.restart_on_timeout);
  else
    listing.add(path("restart_on_timeout"), false);
  if (!manager.exec.empty()) listing.add(path("exec"), manager.exec);
  add_if_said("user", manager.user);
  if (!manager.environment.empty()) listing.add(path("environment"), names_of(manager.environment));
  list_resources(listing, path("resources"), manager.resources);
}

void list_host(Listing& listing, const Host& host) {
  listing.add_of_host(host.name, "ssh", host.ssh.empty() ? "local" : host.ssh);
  listing.add_of_host(host.name, "identity_file", or_null(host.identity_file));
  listing.add_of_host(host.name, "known_hosts", or_null(host.known_hosts));
  listing.add_of_host(host.name, "proxy_jump", or_null(host.proxy_jump));
  listing.add_of_host(host.name, "connect_timeout_s", or_null(host.connect_timeout_s));
  listing.add_of_host(host.name, "command_timeout_s", host.command_timeout_s);
  listing.add_of_host(host.name, "privilege", word(host.privilege));
  listing.add_of_host(host.name, "deploy_ssh", host.deploy_ssh.value_or("auto"));
  for (const auto& manager : host.managers)
    list_manager(listing, manager);
}

} // namespace

std::vector<Setting> settings(const Config& config, const Places& places) {
  Listing listing(places);
  list_registry(listing, config);
  for (const auto& host : config.hosts)
    list_host(listing, host);
  return listing.take();
}

} // namespace config
