#include "systemd_units/manager_unit.hpp"

#include "systemd_units/unit_words.hpp"
#include "systemd_units/written.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace systemd_units {
namespace {

constexpr std::int64_t usual_tasks = 4096;
constexpr std::int64_t usual_descriptors = 65536;

/// Names of other machines are needed to reach the registry, which need not be there: clients wait for it. A
/// manager that dies at once, again and again, stays failed and is seen as such.
constexpr std::string_view unit_settings = R"(Documentation=man:actorsctl(1)
Wants=network-online.target
After=network-online.target nss-lookup.target global-registry.service
StartLimitIntervalSec=60
StartLimitBurst=10
)";

constexpr std::string_view life = R"(Restart=on-failure
SuccessExitStatus=143
RestartSec=1
TimeoutStopSec=20
)";

/// As far as programs that we do not know can bear it: the same as in manager@.service, which says why.
constexpr std::string_view sandbox = R"(NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictSUIDSGID=yes
ProtectSystem=strict
PrivateTmp=yes
PrivateMounts=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
)";

/// A key file is nobody's but its owner's, and a user that systemd makes when the unit starts can own none:
/// systemd reads it as root and gives the program a copy (systemd.exec(5), LoadCredential=), whoever that is.
std::string key_file(const std::string& path) {
  constexpr const char* name = "registry.key_secret";
  return std::string("LoadCredential=") + name + ":" + plain_words(path) +
         "\nEnvironment=\"REGISTRY_KEY_FILE=%d/" + name + "\"\n";
}

std::string environment(const config::Manager& manager, const std::string& registry) {
  const auto line = [](const std::string& name, const std::string& value) {
    return "Environment=" + list_word(name + "=" + value) + "\n";
  };
  auto lines = line("MANAGER_ID", manager.id);
  const bool has_registry = std::any_of(manager.environment.begin(), manager.environment.end(),
                                        [](const auto& one) { return one.first == "REGISTRY_ENDPOINT"; });
  if (!has_registry && !registry.empty()) lines += line("REGISTRY_ENDPOINT", registry);
  for (const auto& [name, value] : manager.environment)
    lines += name == "REGISTRY_KEY_FILE" && value.starts_with('/') ? key_file(value) : line(name, value);
  return lines;
}

std::string exec_start(const config::Manager& manager) {
  std::string line = "ExecStart=";
  for (const auto& argument : manager.exec)
    line += (&argument == manager.exec.data() ? "" : " ") + exec_argument(argument);
  return line + "\n";
}

std::string resources(const config::Resources& limits) {
  std::string lines = "LimitNOFILE=" + std::to_string(limits.limit_nofile.value_or(usual_descriptors)) + "\n";
  lines += "TasksMax=" + std::to_string(limits.tasks_max.value_or(usual_tasks)) + "\n";
  lines += "MemoryMax=" + limits.memory_max.value_or("75%") + "\n";
  if (limits.cpu_quota) lines += "CPUQuota=" + *limits.cpu_quota + "\n";
  if (limits.limit_memlock) lines += "LimitMEMLOCK=" + *limits.limit_memlock + "\n";
  if (limits.nice) lines += "Nice=" + std::to_string(*limits.nice) + "\n";
  return lines;
}

/// A program that lies there must be seen.
std::string protect_home(const std::string& program) {
  constexpr std::array<std::string_view, 3> homes{"/home/", "/root/", "/run/user/"};
  const bool lies_there = std::any_of(homes.begin(), homes.end(),
                                      [&](std::string_view home) { return program.starts_with(home); });
  return lies_there ? "ProtectHome=read-only\n" : "ProtectHome=yes\n";
}

} // namespace

std::string manager_unit(const config::Manager& manager, const std::string& registry) {
  const auto& what =
      manager.description.empty() ? "Manager " + manager.id + " of actors" : manager.description;
  std::string body = "[Unit]\nDescription=" + plain_words(what) + "\n";
  body += unit_settings;
  body += "\n[Service]\nType=exec\n" + environment(manager, registry) + exec_start(manager);
  body += life;
  body += "\n" + (manager.user.empty() ? "DynamicUser=yes\n" : "User=" + manager.user + "\n");
  body += "StateDirectory=actors-managers/%N\nUMask=0077\n" + resources(manager.resources);
  body += "\n" + protect_home(manager.exec.empty() ? "" : manager.exec.front());
  body += sandbox;
  body += "\n[Install]\nWantedBy=multi-user.target\n";
  return marked("#", body);
}

} // namespace systemd_units
