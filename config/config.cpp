#include "config/config.hpp"

#include "config/rules.hpp"

#include <algorithm>

namespace config {

const Manager* Config::find_manager(std::string_view id) const {
  for (const auto& host : hosts)
    for (const auto& manager : host.managers)
      if (manager.id == id) return &manager;
  return nullptr;
}

const Host* Config::find_host(std::string_view name) const {
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const Host& host) { return host.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

std::vector<NamedEndpoint> bound_endpoints(const Config& config) {
  std::vector<NamedEndpoint> bound;
  for (const auto& endpoint : config.registry_endpoint)
    bound.push_back({"registry_endpoint", endpoint});
  if (!config.actor_endpoint.empty()) bound.push_back({"actor_endpoint", config.actor_endpoint});
  if (!config.events_endpoint.empty()) bound.push_back({"events_endpoint", config.events_endpoint});
  return bound;
}

bool is_curve(const Security& security, std::string_view endpoint) {
  if (security.curve_everywhere) return !is_loopback(endpoint);
  const auto& named = security.curve_endpoints;
  return std::find(named.begin(), named.end(), endpoint) != named.end();
}

std::vector<NamedEndpoint> open_endpoints(const Config& config) {
  const auto& security = config.security;
  const auto is_closed = [&](const NamedEndpoint& one) {
    return is_loopback(one.endpoint) || is_curve(security, one.endpoint) ||
           std::any_of(security.allow.begin(), security.allow.end(),
                       [&](const AllowedNetworks& allowed) { return allowed.endpoint == one.endpoint; });
  };
  auto bound = bound_endpoints(config);
  bound.erase(std::remove_if(bound.begin(), bound.end(), is_closed), bound.end());
  return bound;
}

std::string why_exposed(std::string_view endpoint) {
  return std::string(endpoint) +
         " is OPEN TO THE NETWORK: whoever reaches it may register, take over and remove any name; "
         "security.curve or security.allow closes it (man registry.json, SECURITY)";
}

} // namespace config
