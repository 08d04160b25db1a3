#include "controller/doctor_probes.hpp"

#include "systemd_units/local_program.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>

namespace controller::probes {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

/// What a command prints on this machine.
std::string printed(const Arguments& command) {
  std::string output;
  const auto end = systemd_units::run_program(command, [&](std::string_view piece) { output += piece; }, {});
  CAPTURE(end.error_output);
  CHECK(end.wait_status == 0);
  return output;
}

} // namespace

TEST_CASE("a clock is read with and without parts of a second") {
  CHECK(read_clock("1772370000.250000000\n").since_1970 == 1772370000s + 250ms);
  CHECK(read_clock("1772370000.250000000\n").precision == 0s);
  for (const char* coarse : {"1772370000.N\n", "1772370000\n", "1772370000.%N\n"}) {
    CHECK(read_clock(coarse).since_1970 == 1772370000s);
    CHECK(read_clock(coarse).precision == 1s);
  }
  for (const char* none : {"", "hello\n", "-5\n", "99999999999999999999\n", "17172370000.5\n", "1\n2\n"})
    CHECK_THROWS_AS(read_clock(none), std::invalid_argument);
  CHECK(read_clock(printed(clock_command())).since_1970 > 1700000000s);
}

TEST_CASE("who we are is read line by line, and a unit is never an option or a command") {
  const auto who = read_who("uid 7701\nuser ops\npolkit yes\nreadable no\nrule \nrule /etc/x.rules:3\n", 2);
  CHECK_FALSE(who.is_root);
  CHECK(who.user == "ops");
  CHECK(who.has_polkit);
  CHECK_FALSE(who.rules_readable);
  CHECK(who.rules == Names{"", "/etc/x.rules:3"});
  CHECK_THROWS_AS(read_who("Welcome!\nuid 0\n", 0), std::invalid_argument);
  CHECK_THROWS_AS(read_who("uid 0\nuser root\npolkit yes\nreadable yes\n", 1), std::invalid_argument);
  const auto here = read_who(printed(who_command(Names{"-x", "$(exit 9)", "a\\x2db.service"})), 3);
  CHECK(here.rules.size() == 3);
  CHECK_FALSE(here.user.empty());
}

TEST_CASE("sudo's answers are for start, stop and restart of each unit") {
  const auto rights = read_sudo("yes\nno\nno\nyes\nyes\nyes\n", 2);
  REQUIRE(rights.size() == 2);
  CHECK(rights[0].start);
  CHECK_FALSE(rights[0].stop);
  CHECK_FALSE(rights[0].restart);
  CHECK(rights[1].restart);
  CHECK(read_sudo("none\n", 2).empty());
  CHECK_THROWS_AS(read_sudo("yes\nno\n", 1), std::invalid_argument);
  CHECK_THROWS_AS(read_sudo("yes\nno\nyes\nyes\n", 1), std::invalid_argument);
  CHECK_THROWS_AS(read_sudo("yes\nno\nperhaps\n", 1), std::invalid_argument);
}

TEST_CASE("what a start needs is read from systemctl show") {
  const auto needs = read_needs("[unit]\n"
                                "ExecStartPre={ path=/bin/mkdir ; argv[]=/bin/mkdir x ; ignore_errors=yes ; "
                                "start_time=[n/a] ; status=0/0 }\n"
                                "ExecStart={ path=/opt/a b/run ; argv[]=/opt/a b/run ; argv[]=1 ; "
                                "ignore_errors=no ; start_time=[n/a] ; status=0/0 }\n"
                                "EnvironmentFiles=/etc/default/a (ignore_errors=no)\n"
                                "EnvironmentFiles=/etc/default/b (ignore_errors=yes)\n"
                                "WorkingDirectory=/srv/a\nUser=market\nDynamicUser=no\nCanStart=yes\n"
                                "RootDirectory=\nRootImage=\n"
                                "[unit]\n"
                                "ExecStart={ path=/bin/x ; argv[]=/bin/x ; ignore_errors=no ; status=0/0 }\n"
                                "RootDirectory=/srv/root\nUser=market\nCanStart=no\n"
                                "[unit]\nUser=made-up\nDynamicUser=yes\nWorkingDirectory=!/maybe\n",
                                3);
  REQUIRE(needs.size() == 3);
  CHECK(needs[0].programs == Names{"/opt/a b/run"});
  CHECK(needs[0].files == Names{"/etc/default/a"});
  CHECK(needs[0].folder == "/srv/a");
  CHECK(needs[0].user == "market");
  CHECK(needs[0].may_be_started);
  CHECK(needs[1].programs.empty());
  CHECK(needs[1].user.empty());
  CHECK_FALSE(needs[1].may_be_started);
  CHECK(needs[2].user.empty());
  CHECK(needs[2].folder.empty());
  CHECK_THROWS_AS(read_needs("[unit]\n", 2), std::invalid_argument);
  CHECK_THROWS_AS(read_needs("User=x\n", 1), std::invalid_argument);
  CHECK_THROWS_AS(read_needs("[unit]\nhello\n", 1), std::invalid_argument);
}

TEST_CASE("what is there, what is not, and what is not what it should be") {
  using Kind = Thing::Kind;
  const std::vector<Thing> things{
      {Kind::program, "/bin/sh"},    {Kind::program, "/nonexistent/program"},
      {Kind::program, "/etc"},       {Kind::folder, "/etc"},
      {Kind::folder, "/etc/passwd"}, {Kind::file, "/etc/passwd"},
      {Kind::file, "/$(touch x)/a"}, {Kind::user, "root"},
      {Kind::user, "-x no such"},
  };
  const auto found = read_presence(printed(presence_command(things)), things.size());
  using enum Presence;
  CHECK(found == std::vector{there, missing, unusable, there, unusable, there, missing, there, missing});
  CHECK_THROWS_AS(read_presence("there\n", 2), std::invalid_argument);
  CHECK_THROWS_AS(read_presence("there\nthere\n", 1), std::invalid_argument);
  CHECK_THROWS_AS(read_presence("here\n", 1), std::invalid_argument);
}

TEST_CASE("an endpoint's address") {
  CHECK(tcp_address("tcp://registry.example:5555")->host == "registry.example");
  CHECK(tcp_address("tcp://[2001:db8::1]:5555")->host == "2001:db8::1");
  CHECK(tcp_address("tcp://[2001:db8::1]:5555")->port == "5555");
  CHECK_FALSE(tcp_address("ipc:///run/registry").has_value());
  for (const char* own :
       {"tcp://localhost:1", "tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://*:1", "tcp://0.0.0.0:1"})
    CHECK(is_own_address(*tcp_address(own)));
  CHECK_FALSE(is_own_address(*tcp_address("tcp://10.0.0.1:1")));
}

TEST_CASE("whether an address is reached is found out without a program of ours") {
  // Nobody listens at port 1 of a loopback address of this test's own.
  const std::vector<Address> addresses{{"127.77.3.1", "1"}, {"no-such-host.invalid", "1"}};
  const auto found = read_reach(printed(reach_command(addresses)), 2);
  CHECK(found[0].end == Reach::End::failed);
  CHECK(found[0].problem == "Connection refused");
  CHECK(found[1].end == Reach::End::failed);
  CHECK(found[1].problem != "");
  CHECK(read_reach("reached\nno_program\n", 2).at(1).end == Reach::End::no_program);
  CHECK(read_reach("failed \n", 1).at(0).problem.empty());
  CHECK_THROWS_AS(read_reach("reached\n", 2), std::invalid_argument);
  CHECK_THROWS_AS(read_reach("what\n", 1), std::invalid_argument);
}

} // namespace controller::probes
