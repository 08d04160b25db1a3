#pragma once

#include "controller/targets.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// The chosen managers of one host, as positions in what was chosen.
struct HostGroup {
  const config::Host* host = nullptr;
  std::vector<std::size_t> positions;
};

/// One group a host, hosts in the order of their first manager.
inline std::vector<HostGroup> by_host(std::span<const Chosen> chosen) {
  std::vector<HostGroup> groups;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.host == chosen[i].host; });
    if (group == groups.end()) group = groups.insert(groups.end(), {chosen[i].host, {}});
    group->positions.push_back(i);
  }
  return groups;
}

inline std::vector<const config::Host*> hosts_of(const std::vector<HostGroup>& groups) {
  std::vector<const config::Host*> hosts;
  for (const auto& group : groups)
    hosts.push_back(group.host);
  return hosts;
}

} // namespace controller
