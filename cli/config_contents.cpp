#include "cli/config_contents.hpp"

namespace cli {
namespace {

std::string counted(std::size_t number, const std::string& word) {
  return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
}

} // namespace

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
