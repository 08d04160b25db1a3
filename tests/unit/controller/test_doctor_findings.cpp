#include "controller/doctor_findings.hpp"

#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace controller::findings {
namespace {

using namespace test;
using probes::Presence;
using Standing = Finding::Standing;

config::Host host_with(const std::vector<std::string>& services) {
  config::Host host;
  host.name = "h1";
  host.ssh = "ops@h1";
  for (const auto& service : services) {
    config::Manager manager;
    manager.id = "M" + std::to_string(host.managers.size());
    manager.host = host.name;
    manager.service = service;
    host.managers.push_back(manager);
  }
  return host;
}

probes::Who ops(std::size_t units, bool polkit = true) {
  probes::Who who;
  who.user = "ops";
  who.has_polkit = polkit;
  who.rules.resize(units);
  return who;
}

probes::Who root(std::size_t units) {
  auto who = ops(units);
  who.user = "root";
  who.is_root = who.rules_readable = true;
  return who;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr probes::SudoRights everything{true, true, true};

} // namespace

TEST_CASE("what is the same of all managers is said once") {
  const auto host = host_with({"a.service", "b.service"});
  const auto all = of_rights(host, ops(2), std::vector{everything, everything});
  REQUIRE(all.size() == 1);
  CHECK(all[0].standing == Standing::ok);
  CHECK(all[0].text == "ops with sudo");
  CHECK(all[0].manager_id.empty());
}

TEST_CASE("root reads polkit's rules and needs none") {
  const auto host = host_with({"a.service", "b.service"});
  auto who = root(2);
  CHECK(of_rights(host, who, {}).size() == 1);
  CHECK(of_rights(host, who, {}).at(0).text == "as root; no polkit rule names it");
  who.rules[1] = "/etc/polkit-1/rules.d/50-actors.rules:3";
  const auto all = of_rights(host, who, {});
  REQUIRE(all.size() == 2);
  CHECK(all[1].manager_id == "M1");
  CHECK(all[1].text == "as root; polkit's rule at /etc/polkit-1/rules.d/50-actors.rules:3");
  CHECK(all[1].standing == Standing::ok);
}

TEST_CASE("what polkit allows others can't be checked, and the grant is named") {
  const auto host = host_with({"a.service"});
  const auto all = of_rights(host, ops(1), {});
  REQUIRE(all.size() == 1);
  CHECK(all[0].standing == Standing::not_checkable);
  CHECK_FALSE(all[0].failure_class.has_value());
  CHECK(has(all[0].text, "by root only"));
  CHECK(
      has(all[0].advice, "ops ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password start a.service, "));
  CHECK(has(all[0].advice, R"(["start", "stop", "restart"].indexOf)"));
}

TEST_CASE("a right that only sudo could give and does not is a failure that names the line") {
  auto host = host_with({"a.service"});
  host.privilege = config::Privilege::sudo;
  const auto none = of_rights(host, ops(1), std::vector<probes::SudoRights>(1));
  CHECK(none.at(0).standing == Standing::failure);
  CHECK(none.at(0).failure_class == FailureClass::privilege);
  CHECK(none.at(0).text == "ops may not start, stop, restart a.service with sudo");
  const auto start_only = of_rights(host, ops(1), std::vector{probes::SudoRights{true, false, false}});
  CHECK(start_only.at(0).standing == Standing::warning);
  CHECK(start_only.at(0).text == "ops may not stop, restart a.service with sudo");
  CHECK_FALSE(has(start_only.at(0).advice, "start a.service, "));
  CHECK(of_rights(host, ops(1), {}).at(0).text ==
        "ops may not start, stop, restart a.service: there is no sudo");
}

TEST_CASE("without polkit nobody but root has the right as is") {
  auto host = host_with({"a.service"});
  CHECK(of_rights(host, ops(1, false), std::vector<probes::SudoRights>(1)).at(0).standing ==
        Standing::failure);
  host.privilege = config::Privilege::none;
  const auto all = of_rights(host, ops(1, false), std::vector{everything});
  CHECK(all.at(0).standing == Standing::failure);
  CHECK(has(all.at(0).text, "\"privilege\": \"none\""));
}

TEST_CASE("a unit that can't be loaded, may not be started or lacks something is a failure") {
  const auto host = host_with({"a.service"});
  const auto& manager = host.managers[0];
  auto unit = down_for(1h).state;
  unit.id = "a.service";
  probes::Needs needs;
  needs.programs = {"/opt/run"};
  needs.user = "market";
  CHECK(of_unit(host, manager, unit, &needs, std::vector{Presence::there, Presence::there}).empty());

  const auto lacking =
      of_unit(host, manager, unit, &needs, std::vector{Presence::missing, Presence::unusable});
  REQUIRE(lacking.size() == 2);
  CHECK(has(lacking[0].text, "its user market does not exist"));
  CHECK(has(lacking[1].text, "/opt/run is no program that can be run"));
  CHECK(lacking[1].failure_class == FailureClass::bad_setting);
  CHECK(
      of_unit(host, manager, unit, &needs, std::vector{Presence::there, Presence::unknown}).at(0).standing ==
      Standing::not_checkable);

  needs.may_be_started = false;
  CHECK(has(of_unit(host, manager, unit, &needs, {}).at(0).text, "may not be started by hand"));
  unit.type = "oneshot";
  CHECK(has(of_unit(host, manager, unit, nullptr, {}).at(0).text, "oneshot"));
  unit.load_state = "masked";
  const auto masked = of_unit(host, manager, unit, nullptr, {});
  CHECK(masked.at(0).failure_class == FailureClass::masked);
  CHECK(masked.at(0).manager_id == "M0");
}

TEST_CASE("a unit file that systemd has not read yet is a warning") {
  const auto host = host_with({"a.service"});
  auto unit = active_for(1h).state;
  unit.id = "a.service";
  unit.need_daemon_reload = true;
  const auto all = of_unit(host, host.managers[0], unit, nullptr, {});
  REQUIRE(all.size() == 1);
  CHECK(all[0].standing == Standing::warning);
  CHECK(has(all[0].advice, "daemon-reload"));
}

TEST_CASE(
    "a unit that is named by an alias is a failure that says its own name, and is looked at all the same") {
  const auto host = host_with({"mysql.service"});
  auto unit = down_for(1h).state;
  unit.id = "mariadb.service";
  const auto alias = of_unit(host, host.managers[0], unit, nullptr, {});
  REQUIRE(alias.size() == 1);
  CHECK(alias[0].standing == Standing::failure);
  CHECK(alias[0].failure_class == FailureClass::bad_setting);
  CHECK(alias[0].text == "mysql.service is an alias of mariadb.service");
  CHECK(alias[0].advice == "name that one in the configuration, as service of M0");
  unit.load_state = "bad-setting";
  const auto broken = of_unit(host, host.managers[0], unit, nullptr, {});
  REQUIRE(broken.size() == 2);
  CHECK(has(broken[1].text, "mariadb.service can't be loaded"));
}

TEST_CASE("a user that is a number needs no entry") {
  probes::Needs needs;
  needs.user = "1234";
  CHECK(things_of(needs).empty());
}

TEST_CASE("a clock is off by what the question's own time does not explain") {
  const auto host = host_with({});
  const auto at = [&](std::chrono::nanoseconds theirs, std::chrono::nanoseconds precision = 0s) {
    return of_clock(host, {theirs, precision}, 1000s, 1001s);
  };
  CHECK(at(1000s).standing == Standing::ok);
  CHECK(at(1003s).standing == Standing::ok);
  CHECK(at(998s).standing == Standing::ok);
  CHECK(at(1004s).text == "3.0 s ahead of this machine's");
  CHECK(at(1004s).standing == Standing::warning);
  CHECK(at(996s).text == "4.0 s behind this machine's");
  CHECK(at(996s, 1s).text == "3.0 s behind this machine's");
}

TEST_CASE("a systemd too old to count restarts is a warning") {
  const auto host = host_with({});
  CHECK(of_version(host, "252").standing == Standing::ok);
  CHECK(of_version(host, "234").standing == Standing::warning);
}

TEST_CASE("one of the registry's addresses that is reached is enough") {
  using End = probes::Reach::End;
  const auto host = host_with({});
  const std::vector<probes::Address> addresses{{"10.0.0.1", "5555"}, {"2001:db8::1", "5555"}};
  const auto one =
      of_reach(host, addresses, std::vector<probes::Reach>{{End::reached, ""}, {End::failed, "no"}});
  CHECK(one.at(0).standing == Standing::ok);
  CHECK(one.at(1).standing == Standing::warning);
  CHECK(one.at(1).text == "[2001:db8::1]:5555 is not reached from there: no");
  const auto none =
      of_reach(host, addresses, std::vector<probes::Reach>{{End::failed, ""}, {End::failed, "no"}});
  CHECK(none.at(0).failure_class == FailureClass::not_heard);
  CHECK(none.at(0).text == "10.0.0.1:5555 is not reached from there: no connection");
  const auto nothing = of_reach(host, addresses, std::vector<probes::Reach>{{End::no_program, ""}});
  CHECK(nothing.at(0).standing == Standing::not_checkable);
}

TEST_CASE("a failure of the link stands at the check that it failed in") {
  auto host = host_with({});
  CHECK(of_failure(host, {FailureClass::host_key, "unknown", ""}).check == "host key");
  CHECK(of_failure(host, {FailureClass::authentication, "refused", ""}).check == "own key");
  CHECK(of_failure(host, {FailureClass::resolve, "no address", ""}).check == "connection");
  CHECK(of_failure(host, {FailureClass::settings, "BindAddress", ""}).check == "settings");
  CHECK(of_failure(host, {FailureClass::interrupted, "not begun", ""}).standing == Standing::not_checkable);
  host.ssh.clear();
  CHECK(of_failure(host, {FailureClass::connect, "no system bus", ""}).check == "systemd");
}

TEST_CASE("the settings name the way and the keys that are there") {
  const auto host = host_with({});
  ssh::Settings settings;
  settings.hostname = "2001:db8::1";
  settings.port = 2222;
  settings.user = "ops";
  settings.identity_agent = "none";
  settings.identity_files = {"/nonexistent/key", "/etc/passwd"};
  settings.jumps.resize(1);
  settings.jumps[0].hostname = "gate";
  settings.jumps[0].user = "me";
  settings.notes = {"no ssh program"};
  const auto all = of_settings(host, settings);
  REQUIRE(all.size() == 2);
  CHECK(all[0].text == "ops@[2001:db8::1]:2222; keys: /etc/passwd; known hosts: none; through me@gate:22");
  CHECK(all[1].standing == Standing::warning);
}

} // namespace controller::findings
