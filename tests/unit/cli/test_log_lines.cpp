#include "cli/log_lines.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

namespace cli {
namespace {

/// Two managers of one host.
struct Two {
  Two() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    host.name = "h1";
    first.id = "Orders";
    second.id = "RiskChecker";
    chosen = {{&host, &first, true}, {&host, &second, true}};
    entry.time = std::chrono::microseconds(1772361000'123456);
    entry.unit = "orders.service";
    entry.identifier = "prog";
    entry.pid = 812;
    entry.message = "ready";
  }
  config::Host host;
  config::Manager first, second;
  std::vector<controller::Chosen> chosen;
  systemd_units::JournalEntry entry;
};

} // namespace

TEST_CASE("a line says when, who and what, in columns") {
  const Two two;
  const LogLines lines(two.chosen, false);
  CHECK(lines.render(two.chosen[0], two.entry) == "Mar 01 10:30:00.123  Orders       prog[812]: ready\n");
  CHECK(lines.render(two.chosen[1], two.entry) == "Mar 01 10:30:00.123  RiskChecker  prog[812]: ready\n");
}

TEST_CASE("a message of several lines has the name on each, and nothing that steers a terminal") {
  Two two;
  two.entry.message = "one\n\x1b[2Jtwo\n";
  two.entry.pid.reset();
  const LogLines lines(two.chosen, false);
  CHECK(lines.render(two.chosen[0], two.entry) == "Mar 01 10:30:00.123  Orders       prog: one\n"
                                                  "Mar 01 10:30:00.123  Orders       prog: \\x1b[2Jtwo\n");
}

TEST_CASE("managers and errors have their colours") {
  Two two;
  two.entry.priority = 3;
  const LogLines lines(two.chosen, true);
  const auto text = lines.render(two.chosen[0], two.entry);
  CHECK(text.find("\x1b[36mOrders") != std::string::npos);
  CHECK(text.find("\x1b[31mready\x1b[0m") != std::string::npos);
}

TEST_CASE("the same as an object") {
  const Two two;
  CHECK(log_json(two.chosen[0], two.entry).dump() ==
        R"({"time":"2026-03-01T10:30:00.123456Z","manager_id":"Orders","host":"h1","unit":"orders.service",)"
        R"("identifier":"prog","pid":812,"priority":6,"message":"ready"})");
}

} // namespace cli
