#include "systemd_units/manager_unit.hpp"

#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace systemd_units;

namespace {

config::Manager manager() {
  config::Manager manager;
  manager.id = "OrderProcessor";
  manager.host = "server1";
  manager.service = "order-processor.service";
  manager.exec = {"/usr/local/bin/order-processor", "--config", "/etc/orders.json"};
  return manager;
}

/// Without its first line.
std::string body(const config::Manager& manager, const std::string& registry = "tcp://registry:5555") {
  const auto text = manager_unit(manager, registry);
  CHECK(author_of(text) == Author::deploy);
  return text.substr(text.find('\n') + 1);
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("a manager's unit, in whole") {
  CHECK(body(manager()) == R"([Unit]
Description=Manager OrderProcessor of actors
Documentation=man:actorsctl(1)
Wants=network-online.target
After=network-online.target nss-lookup.target global-registry.service
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=exec
Environment="MANAGER_ID=OrderProcessor"
Environment="REGISTRY_ENDPOINT=tcp://registry:5555"
ExecStart="/usr/local/bin/order-processor" "--config" "/etc/orders.json"
Restart=on-failure
SuccessExitStatus=143
RestartSec=1
TimeoutStopSec=20

DynamicUser=yes
StateDirectory=actors-managers/%N
UMask=0077
LimitNOFILE=65536
TasksMax=4096
MemoryMax=75%

ProtectHome=yes
NoNewPrivileges=yes
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

[Install]
WantedBy=multi-user.target
)");
}

TEST_CASE("what the template for managers says holds for a manager that is deployed, too") {
  // Where they differ by what they are.
  const std::vector<std::string> own{
      "Description=", "Environment=", "EnvironmentFile=", "ExecStartPre=", "ExecStart=", "StateDirectory="};
  std::ifstream file(MANAGER_TEMPLATE);
  REQUIRE(file);
  const auto text = body(manager());
  std::size_t settings = 0;
  for (std::string line; std::getline(file, line);) {
    const bool differs =
        std::any_of(own.begin(), own.end(), [&](const auto& setting) { return line.starts_with(setting); });
    if (line.find('=') == std::string::npos || line.starts_with('#') || differs) continue;
    CAPTURE(line);
    CHECK(has_line(text, line));
    ++settings;
  }
  CHECK(settings > 30);
}

TEST_CASE("what the configuration says is in it") {
  auto full = manager();
  full.description = "Takes orders";
  full.user = "orders";
  full.environment = {{"B", "1 2"}, {"A", ""}};
  full.resources = {"512M", "150%", 100, 1024, "infinity", -5};
  const auto text = body(full);
  for (const std::string line : {"Description=Takes orders", "User=orders", "Environment=\"B=1 2\"",
                                 "Environment=\"A=\"", "MemoryMax=512M", "CPUQuota=150%", "TasksMax=100",
                                 "LimitNOFILE=1024", "LimitMEMLOCK=infinity", "Nice=-5"}) {
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
  CHECK(text.find("DynamicUser") == std::string::npos);
}

TEST_CASE("a registry's endpoint of the manager's own stands alone, and nowhere none is written") {
  auto own = manager();
  own.environment = {{"REGISTRY_ENDPOINT", "tcp://gate:1"}};
  CHECK(body(own).find("tcp://registry") == std::string::npos);
  CHECK(has_line(body(own), "Environment=\"REGISTRY_ENDPOINT=tcp://gate:1\""));
  CHECK(body(manager(), "").find("REGISTRY_ENDPOINT") == std::string::npos);
}

TEST_CASE("a key file is handed on by systemd, which alone can read it for any user") {
  auto trusted = manager();
  trusted.environment = {{"REGISTRY_KEY_FILE", "/etc/actors/50 %.key_secret"},
                         {"REGISTRY_SERVER_KEY", "/etc/actors/registry.key"}};
  const auto text = body(trusted);
  CHECK(has_line(text, "LoadCredential=registry.key_secret:/etc/actors/50 %%.key_secret"));
  CHECK(has_line(text, "Environment=\"REGISTRY_KEY_FILE=%d/registry.key_secret\""));
  CHECK(has_line(text, "Environment=\"REGISTRY_SERVER_KEY=/etc/actors/registry.key\""));
  CHECK(body(manager()).find("LoadCredential") == std::string::npos);
  for (const std::string elsewhere : {"", "%d/mine", "mine.key_secret"}) {
    trusted.environment = {{"REGISTRY_KEY_FILE", elsewhere}};
    CHECK(body(trusted).find("LoadCredential") == std::string::npos);
  }
}

TEST_CASE("a program in a home can be seen") {
  for (const std::string program : {"/home/u/run", "/root/run", "/run/user/1000/run"}) {
    auto at_home = manager();
    at_home.exec = {program};
    CHECK(has_line(body(at_home), "ProtectHome=read-only"));
  }
}

TEST_CASE("no string of the configuration makes a line of its own") {
  const auto lines = [](const config::Manager& one) {
    const auto text = body(one, one.id);
    return std::count(text.begin(), text.end(), '\n');
  };
  const std::string hostile = "x\nUser=root\n[Service]\r\\";
  auto plain = manager();
  plain.environment = {{"A", "1"}, {"REGISTRY_KEY_FILE", "/1"}};
  auto wild = plain;
  wild.id = wild.description = wild.environment.front().second = hostile;
  wild.environment.back().second = "/" + hostile;
  wild.exec.back() = hostile;
  CHECK(lines(wild) == lines(plain));
  std::istringstream text(body(wild, hostile));
  for (std::string line; std::getline(text, line);) {
    CAPTURE(line);
    CHECK_FALSE(line.starts_with("User="));
    CHECK_FALSE(line.ends_with('\\')); // it would take the next one in
  }
}
