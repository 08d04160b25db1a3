#include "config/config.hpp"

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

} // namespace config
