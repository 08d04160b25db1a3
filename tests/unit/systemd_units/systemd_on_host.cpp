// Against a real systemd: run it as root on a host that it may change. It writes units named actorsctl-test-*
// to /run/systemd/system and takes them away again.

#include "systemd_units/bus.hpp"
#include "systemd_units/systemctl.hpp"
#include "systemd_units/unit_name.hpp"
#include "systemd_units/unit_state.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace systemd_units;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using End = ChangeResult::End;
using Names = std::vector<std::string>;

namespace {

const std::filesystem::path unit_folder = "/run/systemd/system";
constexpr uid_t nobody = 65534;

Clock::time_point soon() {
  return Clock::now() + 10s;
}

struct Output {
  int exit_status = -1;
  std::string text; ///< standard output and standard error
};

/// Runs an argument vector, as another user if one is given.
Output run(const Names& arguments, uid_t user = 0) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    if (user != 0 && setuid(user) != 0) _exit(126);
    std::vector<char*> argv;
    for (const auto& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  Output output;
  std::array<char, 4096> block{};
  for (ssize_t n = 0; (n = read(ends[0], block.data(), block.size())) > 0;)
    output.text.append(block.data(), static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  output.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

/// Units that live as long as a test. Names are without prefix and suffix.
class Units {
public:
  ~Units() {
    for (const auto& name : names_) {
      run({"systemctl", "stop", name});
      run({"systemctl", "reset-failed", name});
    }
    for (const auto& file : files_)
      std::filesystem::remove(file);
    run({"systemctl", "daemon-reload"});
  }
  Units() = default;
  Units(const Units&) = delete;
  Units& operator=(const Units&) = delete;

  std::string add(const std::string& name, const std::string& service, const std::string& unit = "") {
    const auto full = file(name);
    std::ofstream(unit_folder / full) << "[Unit]\n" << unit << "\n[Service]\n" << service << "\n";
    if (name.back() != '@') names_.push_back(full);
    return full;
  }
  std::string link(const std::string& name, const std::string& to) {
    const auto full = file(name);
    std::filesystem::create_symlink(to, unit_folder / full);
    return full;
  }
  static void reload() { REQUIRE(run({"systemctl", "daemon-reload"}).exit_status == 0); }

private:
  std::string file(const std::string& name) {
    auto full = "actorsctl-test-" + name + ".service";
    std::filesystem::remove(unit_folder / full);
    files_.push_back(unit_folder / full);
    return full;
  }

  Names names_;
  std::vector<std::filesystem::path> files_;
};

UnitState read_one(Bus& bus, const std::string& unit) {
  return bus.read(std::array{unit}, soon()).units.at(0);
}

/// Reads until the unit's state is as wanted; the last state where the deadline passes first.
template<class Condition>
UnitState await(Bus& bus, const std::string& unit, Condition wanted) {
  const auto deadline = soon();
  auto state = read_one(bus, unit);
  while (!wanted(state) && Clock::now() < deadline) {
    run({"sleep", "0.02"});
    state = read_one(bus, unit);
  }
  return state;
}

ChangeResult change_one(Bus& bus, Verb verb, const std::string& unit, Clock::time_point deadline = soon()) {
  return bus.change(verb, std::array{unit}, deadline).at(0);
}

void check_same(const UnitState& a, const UnitState& b) {
  CAPTURE(a.id);
  CHECK(a.id == b.id);
  CHECK(a.load_state == b.load_state);
  CHECK(a.load_error == b.load_error);
  CHECK(a.active_state == b.active_state);
  CHECK(a.sub_state == b.sub_state);
  CHECK(a.type == b.type);
  CHECK(a.unit_file_state == b.unit_file_state);
  CHECK(a.result == b.result);
  CHECK(a.invocation_id == b.invocation_id);
  CHECK(a.n_restarts == b.n_restarts);
  CHECK(a.main_pid == b.main_pid);
  CHECK(a.job_id == b.job_id);
  CHECK(a.exec_main_code == b.exec_main_code);
  CHECK(a.exec_main_status == b.exec_main_status);
  CHECK(a.active_enter == b.active_enter);
  CHECK(a.inactive_exit == b.inactive_exit);
  CHECK(a.inactive_enter == b.inactive_enter);
  CHECK(a.exec_main_start == b.exec_main_start);
  CHECK(a.timeout_start == b.timeout_start);
  CHECK(a.timeout_stop == b.timeout_stop);
  CHECK(a.need_daemon_reload == b.need_daemon_reload);
}

} // namespace

TEST_CASE("the bus and the command line read the same of every unit") {
  Units units;
  Names names{
      units.add("runs", "ExecStart=/bin/sleep 1000\nTimeoutStartSec=61.5s\nTimeoutStopSec=40d"),
      units.add("fails", "ExecStart=/bin/sh -c 'exit 3'\nTimeoutStartSec=1ms500us"),
      units.add("again", "ExecStart=/bin/false\nRestart=always\nRestartSec=1000"),
      units.add("starting", "Type=notify\nExecStart=/bin/sleep 1000\nTimeoutStartSec=infinity"),
      units.add("oneshot", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true"),
      units.add("bad", "Type=simple"),
      units.link("masked", "/dev/null"),
      "actorsctl-test-nosuch.service",
  };
  names.push_back(units.link("alias", names[0]));
  units.add("template@", "ExecStart=/bin/sleep 1000");
  names.emplace_back("actorsctl-test-template@a\\x2db.service");
  Units::reload();
  Bus bus;
  CHECK(change_one(bus, Verb::start, names[0]).end == End::done);
  bus.change(Verb::start, Names{names[1], names[2], names[4], names.back()}, soon());
  run({"systemctl", "start", "--no-block", names[3]});
  await(bus, names[1], [](const UnitState& state) { return state.active_state == "failed"; });
  await(bus, names[2], [](const UnitState& state) { return state.sub_state == "auto-restart"; });
  await(bus, names[3], [](const UnitState& state) { return state.job_id != 0; });

  const auto output = run(read_units_command(names));
  REQUIRE(output.exit_status == 0);
  const auto by_command = parse_units_reading(output.text, names.size());
  const auto by_bus = bus.read(names, soon());
  REQUIRE(by_bus.units.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    check_same(by_command.units[i], by_bus.units[i]);

  const auto& seen = by_bus.units;
  CHECK(seen[0].active_state == "active");
  CHECK(seen[0].timeout_start == 61'500ms);
  CHECK(seen[0].timeout_stop == 24h * 40);
  CHECK(seen[0].invocation_id.size() == 32);
  CHECK(seen[0].active_enter > 0us);
  CHECK(describe_failure(seen[1]) == "exit-code (status=3/NOTIMPLEMENTED)");
  CHECK(seen[2].sub_state == "auto-restart");
  CHECK(seen[3].timeout_start == std::nullopt);
  CHECK(seen[3].active_state == "activating");
  CHECK(seen[5].load_state == "bad-setting");
  CHECK(seen[6].load_state == "masked");
  CHECK(seen[7].load_state == "not-found");
  CHECK(seen[7].id == names[7]);
  CHECK(seen[8].id == names[0]);
  CHECK(seen[9].id == names[9]);
  run({"systemctl", "stop", names.back()});
}

TEST_CASE("both clocks agree with each other and are not behind the units' times") {
  Units units;
  const auto unit = units.add("clock", "ExecStart=/bin/sleep 1000");
  Units::reload();
  Bus bus;
  REQUIRE(change_one(bus, Verb::start, unit).end == End::done);
  const Names names{unit};
  const auto by_bus = bus.read(names, soon());
  const auto by_command = parse_units_reading(run(read_units_command(names)).text, 1);
  CHECK(by_bus.now >= by_bus.units[0].active_enter);
  CHECK(by_bus.now - by_bus.units[0].active_enter < 5s);
  CHECK(by_command.now - by_bus.now > -20ms); // /proc/uptime is cut to 10 ms
  CHECK(by_command.now - by_bus.now < 5s);
}

TEST_CASE("a change says how its job ended") {
  Units units;
  const auto runs = units.add("runs", "ExecStart=/bin/sleep 1000");
  const auto fails = units.add("fails", "Type=oneshot\nExecStart=/bin/false");
  const auto depends =
      units.add("depends", "ExecStart=/bin/sleep 1000", "Requires=" + fails + "\nAfter=" + fails);
  const auto slow = units.add("slow", "Type=notify\nExecStart=/bin/sleep 1000\nTimeoutStartSec=200ms");
  const auto masked = units.link("masked", "/dev/null");
  const auto bad = units.add("bad", "Type=simple");
  Units::reload();
  Bus bus;
  const auto results = bus.change(
      Verb::start, Names{runs, depends, slow, masked, bad, "actorsctl-test-nosuch.service", fails}, soon());
  CHECK(results[0].end == End::done);
  CHECK(results[1].end == End::failed);
  CHECK(results[1].message == "dependency");
  CHECK(results[2].end == End::failed);
  CHECK(results[3].end == End::failed);
  CHECK(results[3].message.find("masked") != std::string::npos);
  CHECK(results[4].end == End::failed);
  CHECK(results[4].message.find("bad unit file setting") != std::string::npos);
  CHECK(results[5].end == End::failed);
  CHECK(results[5].message.find("not found") != std::string::npos);
  CHECK(results[6].end == End::failed);
  CHECK(describe_failure(read_one(bus, slow)) == "timeout");

  CHECK(change_one(bus, Verb::reset_failed, fails).end == End::done);
  CHECK(read_one(bus, fails).active_state == "inactive");
  const auto before = read_one(bus, runs).invocation_id;
  CHECK(change_one(bus, Verb::start, runs).end == End::done); // there is nothing to do
  CHECK(read_one(bus, runs).invocation_id == before);
  CHECK(change_one(bus, Verb::restart, runs).end == End::done);
  CHECK(read_one(bus, runs).invocation_id != before);
  CHECK(change_one(bus, Verb::stop, runs).end == End::done);
  CHECK(read_one(bus, runs).active_state == "inactive");
}

TEST_CASE("a unit is reloaded, signalled, enabled and disabled") {
  Units units;
  const auto unit =
      units.add("verbs", "ExecStart=/bin/sh -c 'trap \"exit 7\" USR1; while :; do sleep .05; done'\n"
                         "ExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target");
  const auto bare = units.add("bare", "ExecStart=/bin/sleep 1000");
  Units::reload();
  Bus bus;
  REQUIRE(change_one(bus, Verb::start, unit).end == End::done);
  REQUIRE(change_one(bus, Verb::start, bare).end == End::done);
  CHECK(change_one(bus, Verb::reload, unit).end == End::done);
  const auto refused = change_one(bus, Verb::reload, bare);
  CHECK(refused.end == End::failed);
  CHECK(refused.message.find("not applicable") != std::string::npos);
  CHECK(change_one(bus, Verb::enable, unit).end == End::done);
  CHECK(read_one(bus, unit).unit_file_state == "enabled");
  CHECK(change_one(bus, Verb::disable, unit).end == End::done);
  CHECK(read_one(bus, unit).unit_file_state == "disabled");
  CHECK(bus.change({Verb::kill, "SIGUSR1"}, Names{unit}, soon()).front().end == End::done);
  const auto ended = await(bus, unit, [](const UnitState& state) { return state.active_state == "failed"; });
  CHECK(ended.exec_main_status == 7);
}

TEST_CASE("the jobs of one change run side by side, and a unit that is named twice has one") {
  Units units;
  Names names;
  for (int i = 0; i < 8; ++i)
    names.push_back(
        units.add("wait" + std::to_string(i), "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 0.5"));
  Units::reload();
  names.push_back(names.front());
  Bus bus;
  const auto begin = Clock::now();
  for (const auto& result : bus.change(Verb::start, names, soon()))
    CHECK(result.end == End::done);
  CHECK(Clock::now() - begin < 3s);
}

TEST_CASE("a job that runs at the deadline is left to systemd") {
  Units units;
  const auto unit = units.add("never", "Type=notify\nExecStart=/bin/sleep 1000\nTimeoutStartSec=infinity");
  Units::reload();
  Bus bus;
  const auto begin = Clock::now();
  CHECK(change_one(bus, Verb::start, unit, Clock::now() + 300ms).end == End::timed_out);
  CHECK(Clock::now() - begin < 2s);
  CHECK(read_one(bus, unit).job_id != 0);
  CHECK(change_one(bus, Verb::stop, unit).end ==
        End::done); // and the start's job, canceled, disturbs nothing
}

TEST_CASE("a change whose time is over asks systemd for nothing, and says so") {
  Units units;
  const auto unit = units.add("untouched", "ExecStart=/bin/sleep 1000");
  Units::reload();
  Bus bus;
  REQUIRE(change_one(bus, Verb::start, unit).end == End::done);
  CHECK(change_one(bus, Verb::stop, unit, Clock::now() - 1s).end == End::not_asked);
  const auto state = read_one(bus, unit);
  CHECK(state.active_state == "active");
  CHECK(state.job_id == 0);
}

TEST_CASE("why a unit died is named as systemd names it") {
  Units units;
  Bus bus;
  const auto ends_with = [&](const std::string& name, const std::string& service) {
    const auto unit = units.add(name, service);
    Units::reload();
    change_one(bus, Verb::start, unit);
    return describe_failure(
        await(bus, unit, [](const UnitState& state) { return state.active_state == "failed"; }));
  };
  CHECK(ends_with("noexec", "ExecStart=/nonexistent/program") == "exit-code (status=203/EXEC)");
  CHECK(ends_with("nouser", "User=actorsctl-nobody\nExecStart=/bin/true") == "exit-code (status=217/USER)");
  CHECK(ends_with("chdir", "WorkingDirectory=/nonexistent\nExecStart=/bin/true") ==
        "exit-code (status=200/CHDIR)");
  CHECK(ends_with("killed", "ExecStart=/bin/sh -c 'kill -KILL $$$$'") == "signal (KILL)");
  CHECK(ends_with("status42", "ExecStart=/bin/sh -c 'exit 42'") == "exit-code (status=42)");
  CHECK(ends_with("pre", "ExecStartPre=/bin/false\nExecStart=/bin/sleep 1000") == "exit-code");
}

TEST_CASE("exit statuses have the names that this systemd gives them") {
  const auto listed = run({"env", "LC_ALL=C", "systemd-analyze", "exit-status"});
  REQUIRE(listed.exit_status == 0);
  std::istringstream lines(listed.text);
  std::string line;
  std::getline(lines, line); // the heading
  int count = 0;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name;
    UnitState state;
    state.load_state = "loaded";
    state.result = "exit-code";
    state.exec_main_code = CLD_EXITED;
    if (!(words >> name >> state.exec_main_status) || state.exec_main_status == 0) continue;
    CHECK(describe_failure(state) ==
          "exit-code (status=" + std::to_string(state.exec_main_status) + "/" + name + ")");
    ++count;
  }
  CHECK(count > 60);
}

TEST_CASE("a user without the right is refused for that reason, both ways") {
  Units units;
  const auto unit = units.add("denied", "ExecStart=/bin/sleep 1000");
  const auto next = units.add("next", "ExecStart=/bin/sleep 1000");
  Units::reload();
  const auto output = run(change_command(Verb::start, unit, false), nobody);
  CHECK(output.exit_status != 0);
  CAPTURE(output.text);
  CHECK(says_no_privilege(output.text));

  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (setuid(nobody) != 0) _exit(10);
    try {
      Bus bus;
      const bool readable = read_one(bus, unit).load_state == "loaded";
      const auto results = bus.change(Verb::start, Names{unit, next}, soon());
      const bool refused = results[0].end == End::no_privilege && results[0].refused_unit.empty();
      const bool ended = results[1].end == End::no_privilege && results[1].refused_unit == unit;
      _exit(!readable ? 11 : !refused ? 12 : ended ? 0 : 14);
    } catch (const std::exception&) {
      _exit(13);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  Bus bus;
  CHECK(read_one(bus, unit).active_state == "inactive");
}

TEST_CASE("names that service_unit_name gives are names to systemd") {
  Bus bus;
  for (const std::string text : {"actorsctl-test-a", "actorsctl-test-a@b@c", "actorsctl-test:x_y\\x2d.z"}) {
    const auto name = service_unit_name(text);
    CAPTURE(name);
    const auto state = read_one(bus, name);
    CHECK(state.id == name);
    CHECK(state.load_state == "not-found");
  }
}

TEST_CASE("the version is a number") {
  const auto version = Bus().systemd_version();
  CHECK_FALSE(version.empty());
  CHECK(version.find_first_not_of("0123456789") == std::string::npos);
}

TEST_CASE("without a bus the reason is said") {
  setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
  CHECK_THROWS_AS(Bus(), BusError);
  unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}
