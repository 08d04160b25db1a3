#include "controller/deploy.hpp"

#include "config/rules.hpp"
#include "controller/host_link.hpp"
#include "ssh/settings.hpp"
#include "ssh/target.hpp"
#include "systemd_units/grant_files.hpp"
#include "systemd_units/manager_unit.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>
#include <variant>

namespace controller {
namespace {

using SettingsOrError = std::variant<ssh::Settings, ssh::Error>;

/// What this machine calls itself, as `ssh -G` writes names: in lower case.
std::string own_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  std::string text(name.data());
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// This machine, though over SSH. Another port may be forwarded to another machine.
bool is_here(const ssh::Settings& settings) {
  constexpr std::uint16_t usual_port = 22;
  if (settings.port != usual_port || !settings.jumps.empty() || !settings.proxy_command.empty()) return false;
  return config::is_loopback_host(settings.hostname) || settings.hostname == own_name();
}

/// Who controls the hosts, and which of them are one machine.
class Machines {
public:
  explicit Machines(const config::Config& config) : config_(config) {
    std::vector<ssh::SettingsQuery> queries;
    std::vector<const config::Host*> hosts;
    for (const auto& host : config.hosts) {
      if (host.is_local()) continue;
      hosts.push_back(&host);
      queries.push_back(
          {ssh::parse_target(host.ssh), {host.identity_file, host.known_hosts, host.proxy_jump}});
    }
    auto settings = ssh::effective_settings(queries);
    for (std::size_t i = 0; i < hosts.size(); ++i)
      settings_.emplace(hosts[i], std::move(settings[i]));
  }

  [[nodiscard]] const ssh::Error* error(const config::Host& host) const {
    return host.is_local() ? nullptr : std::get_if<ssh::Error>(&settings_.at(&host));
  }
  /// Empty: this machine, or it is unknown.
  [[nodiscard]] std::string control_user(const config::Host& host) const {
    return host.is_local() || error(host) != nullptr ? "" : settings(host).user;
  }
  /// The host under all its names.
  [[nodiscard]] std::vector<const config::Host*> same_machine(const config::Host& host) const {
    std::vector<const config::Host*> hosts;
    for (const auto& other : config_.hosts)
      if (&other == &host || (place(other) == place(host) && !place(host).empty())) hosts.push_back(&other);
    return hosts;
  }

private:
  [[nodiscard]] const ssh::Settings& settings(const config::Host& host) const {
    return std::get<ssh::Settings>(settings_.at(&host));
  }
  [[nodiscard]] std::string place(const config::Host& host) const {
    if (host.is_local()) return "local";
    if (error(host) != nullptr) return "";
    const auto& reached = settings(host);
    if (is_here(reached)) return "local";
    // An address behind a jump host is another machine's behind another.
    auto way = reached.proxy_command;
    for (const auto& jump : reached.jumps)
      way += jump.hostname + " " + std::to_string(jump.port) + " ";
    return way + reached.hostname + " " + std::to_string(reached.port);
  }

  const config::Config& config_;
  std::map<const config::Host*, SettingsOrError> settings_;
};

/// Where a manager on that host reaches the registry; empty: nobody says.
std::string registry_from(const config::Config& config, const config::Host& host) {
  if (!config.registry_connect.empty()) return config.registry_connect.front();
  const auto& bound = config.registry_endpoint.front();
  if (!host.is_local()) return config::is_wildcard(bound) || config::is_loopback(bound) ? "" : bound;
  return config::is_wildcard(bound) ? "tcp://localhost" + bound.substr(bound.rfind(':')) : bound;
}

std::string unit_of(const config::Config& config, const Chosen& chosen) {
  const auto& manager = *chosen.manager;
  if (manager.exec.empty()) return {};
  const auto registry = registry_from(config, *chosen.host);
  const bool has_its_own = std::any_of(manager.environment.begin(), manager.environment.end(),
                                       [](const auto& one) { return one.first == "REGISTRY_ENDPOINT"; });
  if (registry.empty() && manager.heartbeats && !has_its_own)
    throw NotDeployable(config.path + ": registry_connect is not set: " + manager.id + " on host " +
                        chosen.host->name + " would look for the registry on its own machine");
  return systemd_units::manager_unit(manager, registry);
}

WantedDeployment wanted_on(const config::Config& config, const config::Host& host, const Machines& machines,
                           std::span<const Chosen> chosen) {
  WantedDeployment wanted;
  wanted.control_user = machines.control_user(host);
  for (const auto& one : chosen)
    if (one.host == &host) wanted.units.push_back({one.manager, unit_of(config, one)});
  for (const auto* name : machines.same_machine(host)) {
    const auto user = machines.control_user(*name);
    if (user != wanted.control_user && !name->managers.empty())
      wanted.known.insert(wanted.known.end(),
                          {systemd_units::polkit_rules_path(user), systemd_units::sudoers_path(user)});
    for (const auto& manager : name->managers) {
      wanted.known.push_back("/etc/systemd/system/" + manager.service);
      if (user == wanted.control_user) wanted.granted.push_back(manager.service);
    }
  }
  // Two names of one machine may have a unit in common, and each name must give the same file.
  std::sort(wanted.granted.begin(), wanted.granted.end());
  wanted.granted.erase(std::unique(wanted.granted.begin(), wanted.granted.end()), wanted.granted.end());
  return wanted;
}

} // namespace

std::string deploy_target(const config::Host& host, const std::string& as_user) {
  if (host.is_local()) return {};
  const auto at = host.ssh.rfind('@');
  const auto place = at == std::string::npos ? host.ssh : host.ssh.substr(at + 1);
  auto target = host.deploy_ssh.value_or(host.ssh);
  if (target.ends_with('@')) target += place;
  if (!as_user.empty()) target = as_user + "@" + place;
  (void)ssh::parse_target(target);
  return target;
}

std::vector<HostDeployment> begin_deployment(const config::Config& config,
                                             std::span<const config::Host* const> hosts,
                                             std::span<const Chosen> chosen, const std::string& as_user) {
  const Machines machines(config);
  std::vector<HostDeployment> deployments;
  for (const auto* host : hosts) {
    auto& one = deployments.emplace_back();
    one.host = host;
    one.administered = *host;
    one.administered.managers.clear();
    one.administered.ssh = deploy_target(*host, as_user);
    one.wanted = wanted_on(config, *host, machines, chosen);
    if (const auto* error = machines.error(*host)) one.failure = to_failure(*error, host->name);
  }
  return deployments;
}

std::vector<const config::Host*> administered_hosts(const std::vector<HostDeployment>& deployments) {
  std::vector<const config::Host*> hosts;
  for (const auto& one : deployments)
    hosts.push_back(&one.administered);
  return hosts;
}

} // namespace controller
