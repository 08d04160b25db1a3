#include "systemd_units/unit_state.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using systemd_units::Microseconds;
using systemd_units::parse_units_reading;

namespace {

// As systemd 252 printed it; the order is systemd's own.
const std::string active = R"(Type=simple
TimeoutStartUSec=3min 7s
TimeoutStopUSec=1min 30s
MainPID=131
Result=success
NRestarts=2
ExecMainStartTimestampMonotonic=1336068541
ExecMainCode=0
ExecMainStatus=0
Id=ok.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
InactiveExitTimestampMonotonic=1336069118
ActiveEnterTimestampMonotonic=1336069119
InactiveEnterTimestampMonotonic=7
Job=
NeedDaemonReload=yes
LoadError=
InvocationID=1c5dfb850eb84330b116f5db86b86f15
)";

const std::string missing = R"(Type=
TimeoutStartUSec=infinity
MainPID=0
Id=nosuch.service
LoadState=not-found
ActiveState=inactive
Job=134
LoadError=org.freedesktop.systemd1.NoSuchUnit "Unit nosuch.service not found."
InvocationID=
)";

// The uptime, and the line of a shell that was forked 1337.76 s after the host was booted.
const std::string clock_line =
    "1337.76 2626.36\n"
    "4711 (sh) S 4710 4711 4711 0 -1 4194304 122 0 0 0 0 0 0 0 20 0 1 0 133776 2662400 231 "
    "18446744073709551615 94 94 140 0 0 0 0 4096 65538 1 0 0 17 3 0 0 0 0 0 94 94 94 140 "
    "140 140 140 0\n";

/// The same in a container that is up for less, of another process.
std::string stat_of(const std::string& name, const std::string& start) {
  return "7.00 7.00\n1 (" + name + ") R 0 1 1 0 -1 4194304 122 0 0 0 0 0 0 0 20 0 1 0 " + start +
         " 2662400 231\n";
}

} // namespace

TEST_CASE("parse_units_reading: two units, in order, and the clock") {
  const auto reading = parse_units_reading(clock_line + active + "\n" + missing, 2);
  CHECK(reading.now == Microseconds(1'337'760'000));
  REQUIRE(reading.units.size() == 2);
  const auto& first = reading.units[0];
  CHECK(first.id == "ok.service");
  CHECK(first.load_state == "loaded");
  CHECK(first.load_error.empty());
  CHECK(first.active_state == "active");
  CHECK(first.sub_state == "running");
  CHECK(first.type == "simple");
  CHECK(first.unit_file_state == "enabled");
  CHECK(first.result == "success");
  CHECK(first.invocation_id == "1c5dfb850eb84330b116f5db86b86f15");
  CHECK(first.n_restarts == 2);
  CHECK(first.main_pid == 131);
  CHECK(first.job_id == 0);
  CHECK(first.active_enter == Microseconds(1336069119));
  CHECK(first.inactive_exit == Microseconds(1336069118));
  CHECK(first.inactive_enter == Microseconds(7));
  CHECK(first.exec_main_start == Microseconds(1336068541));
  CHECK(first.timeout_start == std::chrono::seconds(187));
  CHECK(first.timeout_stop == std::chrono::seconds(90));
  CHECK(first.need_daemon_reload);
  const auto& second = reading.units[1];
  CHECK(second.id == "nosuch.service");
  CHECK(second.load_error == "Unit nosuch.service not found.");
  CHECK(second.timeout_start == std::nullopt);
  CHECK(second.job_id == 134);
}

TEST_CASE("parse_units_reading: a value keeps its '=' and spaces, an unknown property is passed over") {
  const auto reading = parse_units_reading(
      clock_line + "Id=a.service\nLoadState=error\nFragmentPath=/x y=z\nLoadError=E \"a=\"b\" c\"\n", 1);
  CHECK(reading.units[0].load_error == "a=\"b\" c");
}

TEST_CASE("parse_units_reading: what it refuses") {
  CHECK_THROWS_AS(parse_units_reading("", 0), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(active, 1), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(clock_line, 1), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(clock_line + active, 2), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(clock_line + active + "\n" + missing, 1), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(clock_line + active + "\n\n", 1), std::invalid_argument);
  CHECK_THROWS_AS(parse_units_reading(clock_line + "no property\n", 1), std::invalid_argument);
  for (const std::string line :
       {"MainPID=-1", "MainPID=4294967296", "MainPID=", "NRestarts=x", "NeedDaemonReload=1",
        "TimeoutStopUSec=soon", "ActiveEnterTimestampMonotonic=18446744073709551615", "Job=1 /x"}) {
    CAPTURE(line);
    CHECK_THROWS_AS(parse_units_reading(clock_line + active + line + "\n", 1), std::invalid_argument);
  }
  for (const std::string clock :
       {"x\n", "133776\n", "1337.76 2626.36\n", "1 (sh\n", "1 (sh) R 0 1 1\n", " (sh) R 0\n"}) {
    CAPTURE(clock);
    CHECK_THROWS_AS(parse_units_reading("7.00 7.00\n" + clock + active, 1), std::invalid_argument);
  }
  for (const std::string start : {"", "-1", "1.5", "x", "1x", "100000000000001", "99999999999999999999"}) {
    CAPTURE(start);
    CHECK_THROWS_AS(parse_units_reading(stat_of("sh", start) + active, 1), std::invalid_argument);
  }
  for (const std::string uptime :
       {"x", "1", "1.", "1.5", "-1.00 1.00", "1.-5", "1.555", "99999999999999999999.00 1"}) {
    CAPTURE(uptime);
    const auto stat = stat_of("sh", "1");
    const auto from_stat = stat.substr(stat.find('\n'));
    CHECK_THROWS_AS(parse_units_reading(uptime + from_stat + active, 1), std::invalid_argument);
  }
}

TEST_CASE("parse_units_reading: the later one of the two clocks counts") {
  CHECK(parse_units_reading(stat_of("sh", "2000") + active, 1).now == std::chrono::seconds(20));
  CHECK(parse_units_reading(stat_of("sh", "600") + active, 1).now == std::chrono::seconds(7));
}

TEST_CASE("parse_units_reading: a process's name may hold what stands around it") {
  for (const char* name : {"sh", "a b", "a) R 1 2", "(", ") "}) {
    CAPTURE(name);
    CHECK(parse_units_reading(stat_of(name, "2000") + active, 1).now == std::chrono::seconds(20));
  }
}
