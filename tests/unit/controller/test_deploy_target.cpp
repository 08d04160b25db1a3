#include "controller/deploy.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

using namespace controller;

namespace {

std::string target(const std::string& ssh, const std::optional<std::string>& deploy_ssh,
                   const std::string& as_user = "") {
  config::Host host;
  host.ssh = ssh;
  host.deploy_ssh = deploy_ssh;
  return deploy_target(host, as_user);
}

/// A file with a manager on this machine, or on another.
config::Config with_manager(bool local) {
  config::Config config;
  config.path = "registry.json";
  auto& host = config.hosts.emplace_back();
  host.name = "h";
  host.ssh = local ? "" : "actors@h.invalid";
  auto& manager = host.managers.emplace_back();
  manager.id = "M";
  manager.host = "h";
  manager.service = "m.service";
  manager.exec = {"/bin/m"};
  return config;
}

/// REGISTRY_ENDPOINT's line, or nothing.
std::string endpoint(const config::Config& config) {
  const auto* host = &config.hosts.front();
  const std::vector chosen{Chosen{host, &host->managers.front(), true}};
  const auto deployments = begin_deployment(config, std::vector{host}, chosen, "");
  const auto& unit = deployments.front().wanted.units.front().content;
  const auto at = unit.find("REGISTRY_ENDPOINT=");
  return at == std::string::npos ? "" : unit.substr(at + 18, unit.find('"', at) - at - 18);
}

/// What deploy knows of on the machine of the first of two hosts, the second of which has `second.service`.
WantedDeployment beside(const std::string& first, const std::string& second) {
  auto config = with_manager(first.empty());
  config.registry_connect = {"tcp://registry:1"};
  config.hosts.front().ssh = first;
  auto other = config.hosts.front();
  other.name = "second";
  other.ssh = second;
  other.managers.front().service = "second.service";
  config.hosts.push_back(other);
  return begin_deployment(config, std::vector<const config::Host*>{&config.hosts.front()}, {}, "")
      .front()
      .wanted;
}

std::vector<std::string> granted(const std::string& first, const std::string& second) {
  return beside(first, second).granted;
}

} // namespace

TEST_CASE("deploy_target: --as, else deploy_ssh, else ssh") {
  CHECK(target("actors@h:2222", {}) == "actors@h:2222");
  CHECK(target("actors@h:2222", "root@") == "root@h:2222");
  CHECK(target("h", "root@") == "root@h");
  CHECK(target("actors@h:2222", "admin@h2") == "admin@h2");
  CHECK(target("actors@h:2222", "admin@h2", "ops") == "ops@h:2222");
  CHECK(target("actors@[::1]:22", "auto@", "ops") == "ops@[::1]:22");
  CHECK(target("", "root@", "ops").empty());
  for (const std::string user : {"-oProxyCommand=x", "a b", "a\nb"}) {
    CAPTURE(user);
    CHECK_THROWS_AS(target("actors@h", {}, user), std::invalid_argument);
  }
}

TEST_CASE("a manager is told where the registry is from its own machine") {
  auto here = with_manager(true);
  CHECK(endpoint(here) == "tcp://127.0.0.1:5555");
  here.registry_endpoint = {"tcp://0.0.0.0:7000"};
  CHECK(endpoint(here) == "tcp://localhost:7000");
  here.registry_endpoint = {"tcp://[::]:7000"};
  CHECK(endpoint(here) == "tcp://localhost:7000");
  here.registry_connect = {"tcp://registry:1", "tcp://registry:2"};
  CHECK(endpoint(here) == "tcp://registry:1");
  auto there = with_manager(false);
  there.registry_endpoint = {"tcp://10.0.0.1:5555"};
  CHECK(endpoint(there) == "tcp://10.0.0.1:5555");
}

TEST_CASE("an address that only this machine has is none for another") {
  auto there = with_manager(false);
  for (const std::string bound : {"tcp://127.0.0.1:5555", "tcp://*:5555", "ipc:///run/r"}) {
    there.registry_endpoint = {bound};
    CHECK_THROWS_AS(endpoint(there), NotDeployable);
  }
  there.hosts.front().managers.front().heartbeats = false;
  CHECK(endpoint(there).empty());
  there.hosts.front().managers.front().heartbeats = true;
  there.hosts.front().managers.front().environment = {{"REGISTRY_ENDPOINT", "tcp://gate:1"}};
  CHECK(endpoint(there) == "tcp://gate:1");
}

TEST_CASE("two names of one machine know each other's units, and share the rights of one user") {
  auto config = with_manager(false);
  config.registry_connect = {"tcp://registry:1"};
  auto second = config.hosts.front();
  second.name = "h2";
  second.managers.front().service = "b.service";
  config.hosts.push_back(second);
  second.name = "h3";
  second.ssh = "others@h.invalid";
  second.managers.front().service = "c.service";
  config.hosts.push_back(second);
  const auto* host = &config.hosts.front();
  const auto wanted = begin_deployment(config, std::vector{host}, {}, "root").front().wanted;
  CHECK(wanted.control_user == "actors");
  CHECK(wanted.granted == std::vector<std::string>{"b.service", "m.service"});
  CHECK(wanted.units.empty());
  CHECK(wanted.known ==
        std::vector<std::string>{"/etc/systemd/system/m.service", "/etc/systemd/system/b.service",
                                 "/etc/polkit-1/rules.d/60-actorsctl-others.rules",
                                 "/etc/sudoers.d/actorsctl-others", "/etc/systemd/system/c.service"});
}

TEST_CASE("this machine is recognised over SSH, under the names that are its own") {
  const std::vector<std::string> both{"m.service", "second.service"};
  const std::vector<std::string> alone{"m.service"};
  std::array<char, 256> own{};
  REQUIRE(::gethostname(own.data(), own.size() - 1) == 0);
  for (const auto& name : std::vector<std::string>{"127.0.0.1", "127.0.1.1", "[::1]", own.data()}) {
    CAPTURE(name);
    CHECK(granted("actors@localhost", "actors@" + name) == both);
    const auto here = beside("", "actors@" + name); // who is granted rights there is no leftover here
    CHECK(here.granted == alone);
    CHECK(here.known.size() == 4);
  }
  CHECK(granted("actors@localhost", "others@127.0.0.1") == alone);
  CHECK(granted("actors@localhost", "actors@localhost:2222") == alone);
  CHECK(granted("actors@localhost", "actors@h.invalid") == alone);
}

TEST_CASE("an address behind another jump host is another machine's") {
  auto config = with_manager(false);
  config.registry_connect = {"tcp://registry:1"};
  config.hosts.push_back(config.hosts.front());
  config.hosts.back().name = "second";
  config.hosts.back().managers.front().service = "second.service";
  const auto rights = [&config](const std::string& first, const std::string& second) {
    config.hosts.front().proxy_jump = first;
    config.hosts.back().proxy_jump = second;
    const std::vector<const config::Host*> hosts{&config.hosts.front()};
    return begin_deployment(config, hosts, {}, "").front().wanted.granted.size();
  };
  CHECK(rights("a.invalid", "a.invalid") == 2);
  CHECK(rights("a.invalid", "b.invalid") == 1);
}
