#include "cli/config_contents.hpp"

#include "cli/counted.hpp"

namespace cli {
std::size_t managers_of(const config::Config& config) {
  std::size_t managers = 0;
  for (const auto& host : config.hosts)
    managers += host.managers.size();
  return managers;
}

std::string contents(const config::Config& config) {
  return counted(config.hosts.size(), "host") + ", " + counted(managers_of(config), "manager");
}

} // namespace cli
