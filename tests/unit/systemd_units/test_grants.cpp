#include "systemd_units/grants.hpp"

#include "systemd_units/local_program.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

using namespace systemd_units;

TEST_CASE("a sudoers line names exactly the call") {
  CHECK(sudoers_line("ops", Verb::restart, "a.service") ==
        "ops ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password restart a.service");
  const std::array<Request, 2> both{Verb::start, Verb::stop};
  CHECK(sudoers_line("ops", both, "a.service") ==
        "ops ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password start a.service, "
        "/usr/bin/systemctl --no-ask-password stop a.service");
  CHECK(sudoers_line("ops", {Verb::kill, "SIGUSR1"}, "a.service") ==
        R"(ops ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password kill --signal\=SIGUSR1 a.service)");
  CHECK(sudoers_line("ops", Verb::stop, R"(a\x2db:c@1.service)") ==
        R"(ops ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password stop a\\\\x2db\:c@1.service)");
}

TEST_CASE("sudo reads the lines, whatever the names") {
  const auto file =
      std::filesystem::temp_directory_path() / ("actorsctl-grants-" + std::to_string(::getpid()));
  for (const char* user : {"ops", "o.p-s_1", "o p", "ops,root", "ALL=x", "%ops"}) {
    std::ofstream(file) << sudoers_line(user, {Verb::kill, "SIGRTMIN+1"}, R"(a\x2db:c@1.service)") << "\n";
    CAPTURE(user);
    const auto end = run_program({"/usr/sbin/visudo", "--check", "--strict", "--file=" + file.string()},
                                 [](std::string_view) {}, {});
    CAPTURE(end.error_output);
    CHECK(end.wait_status == 0);
  }
  std::filesystem::remove(file);
}

TEST_CASE("a polkit rule names user, unit and verb as JavaScript has them") {
  const auto rule = polkit_rule("ops", Verb::reset_failed, R"(a\x2db@1.service)");
  CHECK(rule.find(R"(subject.user == "ops")") != std::string::npos);
  CHECK(rule.find(R"(action.lookup("unit") == "a\\x2db@1.service")") != std::string::npos);
  CHECK(rule.find(R"(action.lookup("verb") == "reset-failed")") != std::string::npos);
  CHECK(polkit_rule("ops", Verb::enable, "a.service").empty());
  const std::array<Request, 2> both{Verb::start, Verb::stop};
  CHECK(polkit_rule("ops", both, "a.service")
            .find(R"(["start", "stop"].indexOf(action.lookup("verb")) >= 0)") != std::string::npos);
  const std::array<Request, 2> too_much{Verb::start, Verb::disable};
  CHECK(polkit_rule("ops", too_much, "a.service").empty());
  CHECK(grant_hint("ops", too_much, "a.service").find("polkit") == std::string::npos);
}
