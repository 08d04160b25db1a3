#include "systemd_units/systemctl.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace systemd_units;
using Words = std::vector<std::string>;

TEST_CASE("read_units_command: units are arguments, never script") {
  const Words units{"a.service", "a\\x2db@1.service"};
  const auto command = read_units_command(units);
  REQUIRE(command.size() == 8);
  CHECK(Words(command.begin(), command.begin() + 4) == Words{"env", "LC_ALL=C", "sh", "-c"});
  CHECK(Words(command.end() - 2, command.end()) == units);
  CHECK(command[4].find("a.service") == std::string::npos);
  CHECK(command[4].find(" -- \"$@\"") != std::string::npos);
  CHECK_THROWS_AS(read_units_command({}), std::invalid_argument);
}

TEST_CASE("read_units_command: it reads the host's clock and the machine's") {
  const auto script = read_units_command(Words{"a.service"})[4];
  // The second of a process that is forked for it: the shell's own start may be long ago.
  CHECK(script.starts_with(
      "read -r uptime </proc/uptime && echo \"$uptime\" && (read -r stat </proc/self/stat && "));
}

TEST_CASE("change_command: exactly the call that a sudoers line names") {
  CHECK(change_command(Verb::start, "a.service", false) ==
        Words{"env", "LC_ALL=C", "systemctl", "--no-ask-password", "start", "a.service"});
  CHECK(change_command(Verb::reset_failed, "a.service", true) ==
        Words{"sudo", "-n", "/usr/bin/systemctl", "--no-ask-password", "reset-failed", "a.service"});
  CHECK(may_sudo_command(Verb::stop, "a.service") ==
        Words{"sudo", "-n", "-l", "/usr/bin/systemctl", "--no-ask-password", "stop", "a.service"});
}

TEST_CASE("change_command: a kill names its signal, also to sudo") {
  const Request kill(Verb::kill, "SIGUSR1");
  CHECK(change_command(kill, "a.service", false) ==
        Words{"env", "LC_ALL=C", "systemctl", "--no-ask-password", "kill", "--signal=SIGUSR1", "a.service"});
  CHECK(may_sudo_command(kill, "a.service") == Words{"sudo", "-n", "-l", "/usr/bin/systemctl",
                                                     "--no-ask-password", "kill", "--signal=SIGUSR1",
                                                     "a.service"});
}

TEST_CASE("says_no_privilege: what systemctl and sudo say where the right is missing") {
  for (const char* message :
       {"Failed to start ok.service: Interactive authentication required.",
        "Failed to start ok.service: Access denied\nSee system logs and 'systemctl status ok.service' for "
        "details.",
        "Failed to connect to bus: Permission denied", "env: 'systemctl': Permission denied",
        "Failed to restart ok.service: Unit polkit.service is masked.", "sudo: a password is required",
        "sudo: sorry, you must have a tty to run sudo", "op is not in the sudoers file.",
        "Sorry, user op is not allowed to execute '/usr/bin/systemctl --no-ask-password stop ok.service' as "
        "root on h1.",
        "Sorry, user op may not run sudo on h1.",
        "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as root.",
        "sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set",
        "bash: line 1: sudo: command not found", "sh: 1: sudo: not found",
        "sudo: account validation failure, is your account locked?",
        "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set or an "
        "NFS file "
        "system without root privileges?"}) {
    CAPTURE(message);
    CHECK(says_no_privilege(message));
  }
}

TEST_CASE("says_no_privilege: other failures are none of rights") {
  for (const char* message : {"", "Failed to start nosuch.service: Unit nosuch.service not found.",
                              "Failed to start maskd.service: Unit maskd.service is masked.",
                              "Failed to start bad.service: Unit bad.service has a bad unit file setting.",
                              "Job for slow.service failed because a timeout was exceeded.",
                              "A dependency job for dep.service failed. See 'journalctl -xe' for details.",
                              "sudo: unable to resolve host h1: Temporary failure in name resolution",
                              "sudo: /usr/bin/systemctl: command not found"}) {
    CAPTURE(message);
    CHECK_FALSE(says_no_privilege(message));
  }
}
