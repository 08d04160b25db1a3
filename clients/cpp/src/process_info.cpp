#include "clients/cpp/src/process_info.hpp"

#include "registry_core/protocol/names.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <unistd.h>

namespace actors::registry {

std::optional<std::string> unit_in_cgroup(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // HIERARCHY:CONTROLLERS:PATH; systemd's own is 0 without controllers, or `name=systemd` in version 1.
    const std::size_t path = line.find(':', line.find(':') + 1);
    if (path == std::string::npos) continue;
    if (!line.starts_with("0::") && line.find(":name=systemd:") == std::string::npos) continue;
    std::istringstream components(line.substr(path + 1));
    std::optional<std::string> unit;
    for (std::string component; std::getline(components, component, '/');) {
      if (component.ends_with(".service") || component.ends_with(".scope")) unit = component;
    }
    if (unit) return unit;
  }
  return std::nullopt;
}

ProcessInfo own_process() {
  ProcessInfo process;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) process.host = host.data();
  process.pid = getpid();
  std::stringstream cgroup;
  cgroup << std::ifstream("/proc/self/cgroup").rdbuf();
  process.unit = unit_in_cgroup(cgroup.str());
  // What the registry would refuse is worth less than a heartbeat.
  if (process.unit && !protocol::is_name(*process.unit)) process.unit.reset();
  const char* const id = std::getenv("INVOCATION_ID");
  if (id && protocol::is_name(id)) process.invocation_id = id;
  process.language = "c++";
  process.version = ACTORSCTL_VERSION;
  return process;
}

std::string random_instance() {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::random_device source;
  std::string text;
  for (int word = 0; word < 4; ++word) {
    for (unsigned bits = source(), digit = 0; digit < 8; ++digit, bits >>= 4)
      text.push_back(hex[bits & 15]);
  }
  return text;
}

} // namespace actors::registry
