#include "controller/manager_change.hpp"
#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

using namespace test;
using systemd_units::ChangeResult;

const ChangeResult done{ChangeResult::End::done, ""};
const ChangeResult still_running{ChangeResult::End::timed_out, ""};
const ChangeResult never_asked{ChangeResult::End::not_asked, ""};

/// The unit, with a job of systemd's.
UnitReading with_job(UnitReading unit, std::uint32_t id = 7) {
  unit.state.job_id = id;
  return unit;
}

/// The unit, in another life than before.
UnitReading in_next_life(UnitReading unit) {
  unit.state.invocation_id = "bbbb";
  return unit;
}

/// A change of manager M on one host, step by step.
struct Case {
  explicit Case(Operation operation, bool literally = true, bool heartbeats = true) {
    host.name = "h1";
    manager.id = "M";
    manager.service = "m.service";
    manager.heartbeats = heartbeats;
    chosen = {&host, &manager, literally};
    change = std::make_unique<ManagerChange>(operation, chosen, options);
  }
  void begin(const UnitReading& unit) { change->begin(unit, read_at); }
  void ended(const UnitReading& unit, const ChangeResult& result = done) {
    change->job_ended(result, unit, read_at);
  }
  void look(const UnitReading& unit, const RegistryView& view, Clock::duration later = 0s) {
    change->look(unit, view, read_at + later);
  }
  [[nodiscard]] Outcome::End end() const { return change->outcome().end; }
  [[nodiscard]] FailureClass failure() const { return change->outcome().failure->failure_class; }

  config::Host host;
  config::Manager manager;
  Chosen chosen;
  ChangeOptions options;
  std::unique_ptr<ManagerChange> change;
};

RegistryView registry_away() {
  RegistryView view;
  view.asked = read_at + 5s;
  return view;
}

} // namespace

TEST_CASE("a start is done when the unit has settled and was heard, not before") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  CHECK_FALSE(start.change->finished());
  start.ended(active_for(10ms));
  start.look(active_for(1s), heard(500ms, true));
  CHECK_FALSE(start.change->finished());
  CHECK(start.change->waiting_for() == "settling");
  start.look(active_for(4s), heard(5s, true));
  CHECK_FALSE(start.change->finished());
  CHECK(start.change->waiting_for() == "active, not heard yet");
  start.look(active_for(4s), heard(1s, true));
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::done);
  CHECK(start.change->outcome().text == "started");
}

TEST_CASE("a start whose unit is younger than the host's clock goes on until it has settled") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  start.ended(active_for(-20ms));
  start.look(active_for(-20ms), empty_registry());
  CHECK_FALSE(start.change->finished());
  start.look(active_for(4s), heard(1s, true));
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::done);
}

TEST_CASE("a failed unit is reset before it is started") {
  Case start(Operation::start);
  start.begin(down_for(1h, "failed"));
  CHECK(start.change->wants_reset_failed());
}

TEST_CASE("a unit that can't be loaded fails before anything is done") {
  for (const auto& [load_state, failure] :
       {std::pair{"not-found", FailureClass::no_such_unit}, std::pair{"masked", FailureClass::masked},
        std::pair{"bad-setting", FailureClass::bad_setting}}) {
    Case start(Operation::start);
    auto unit = down_for(1h);
    unit.state.load_state = load_state;
    start.begin(unit);
    REQUIRE(start.change->finished());
    CHECK(start.failure() == failure);
  }
}

TEST_CASE("what the configuration names by an alias is not changed, and its own name is said") {
  for (const auto operation : {Operation::start, Operation::stop, Operation::restart})
    for (auto unit : {down_for(1h), active_for(1h)}) {
      Case change(operation);
      unit.state.id = "real.service";
      change.begin(unit);
      REQUIRE(change.change->finished());
      CHECK(change.end() == Outcome::End::failed);
      CHECK(change.failure() == FailureClass::bad_setting);
      CHECK(change.change->outcome().failure->message == "m.service is an alias of real.service");
      CHECK(change.change->outcome().failure->hint == "name that one in the configuration, as service of M");
      CHECK_FALSE(change.change->wants_reset_failed());
      CHECK(change.change->failed_life().empty());
    }
}

TEST_CASE("a unit that dies after its start fails with systemd's reason, restarted or not") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  start.ended(active_for(10ms));
  auto dead = down_for(100ms, "failed");
  dead.state.result = "exit-code";
  dead.state.exec_main_code = 1;
  dead.state.exec_main_status = 7;
  start.look(dead, heard(10s, true));
  REQUIRE(start.change->finished());
  CHECK(start.failure() == FailureClass::job_failed);
  CHECK(start.change->outcome().failure->message.find("status=7") != std::string::npos);

  Case restarted(Operation::start);
  restarted.begin(down_for(1h));
  restarted.ended(active_for(10ms));
  auto again = active_for(4s);
  again.state.n_restarts = 1;
  again.state.invocation_id = "bbbb";
  restarted.look(again, heard(1s, true));
  REQUIRE(restarted.change->finished());
  CHECK(restarted.failure() == FailureClass::job_failed);
}

TEST_CASE("a manager that is never heard is unfinished at the deadline") {
  Case start(Operation::start);
  start.options.timeout = 20s;
  start.begin(down_for(1h));
  start.ended(active_for(10ms));
  start.look(active_for(19s), empty_registry(), 19s);
  CHECK_FALSE(start.change->finished());
  start.look(active_for(20s), empty_registry(), 20s);
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::unfinished);
  CHECK(start.failure() == FailureClass::not_heard);
}

TEST_CASE("the units' own timeouts, the heartbeat timeout and the settle time bound a change") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  CHECK(start.change->deadline() - read_at == 90s + 90s + 6s + 3s);
  Case unlimited(Operation::start);
  auto unit = down_for(1h);
  unit.state.timeout_start.reset();
  unlimited.begin(unit);
  CHECK(unlimited.change->deadline() - read_at == 300s);
}

TEST_CASE("a start while the registry is away is done, unverified") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  start.ended(active_for(10ms));
  start.look(active_for(4s), registry_away());
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::unverified);
}

TEST_CASE("a manager without heartbeats is not waited for, and a oneshot succeeds on its result") {
  Case start(Operation::start, true, false);
  start.begin(down_for(1h));
  start.ended(active_for(10ms));
  start.look(active_for(4s), RegistryView{});
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::done);

  Case oneshot(Operation::start, true, false);
  oneshot.begin(down_for(1h));
  auto ran = down_for(10ms);
  ran.state.type = "oneshot";
  oneshot.ended(ran);
  oneshot.look(ran, RegistryView{});
  REQUIRE(oneshot.change->finished());
  CHECK(oneshot.end() == Outcome::End::done);
}

TEST_CASE("a job that systemd still works on at the deadline is left to it") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  auto unit = active_for(90s);
  unit.state.active_state = "activating";
  unit.state.sub_state = "start";
  start.ended(with_job(unit), still_running);
  REQUIRE(start.change->finished());
  CHECK(start.end() == Outcome::End::unfinished);
  CHECK(start.change->outcome().text == "still starting");
}

TEST_CASE("what systemd was not asked for in time has failed, waited for or not") {
  for (const auto operation : {Operation::start, Operation::stop, Operation::restart})
    for (const bool wait : {true, false}) {
      Case late(operation);
      late.options.wait = wait;
      const auto before = operation == Operation::start ? down_for(1h) : active_for(1h);
      late.begin(before);
      late.ended(before, never_asked);
      REQUIRE(late.change->finished());
      CHECK(late.end() == Outcome::End::failed);
      CHECK(late.change->outcome().text == "not begun");
      CHECK(late.failure() == FailureClass::not_asked);
      CHECK(late.change->outcome().failure->message == "m.service: not begun, systemd was not asked in time");
      CHECK(late.change->outcome().failure->hint.find("--timeout") != std::string::npos);
      CHECK(late.change->failed_life().empty());
    }
}

TEST_CASE("a job of somebody else's is none of a change that systemd was not asked for") {
  Case stop(Operation::stop);
  stop.begin(with_job(active_for(1h), 5));
  stop.ended(with_job(active_for(1h), 5), never_asked);
  CHECK(stop.failure() == FailureClass::not_asked);
  Case after_all(Operation::stop);
  after_all.begin(with_job(active_for(1h), 5));
  after_all.ended(with_job(active_for(1h), 6), never_asked);
  CHECK(after_all.change->outcome().text == "still stopping");
}

TEST_CASE("without waiting a stop or restart is accepted when its job is seen, not when the unit just runs") {
  for (const auto operation : {Operation::stop, Operation::restart}) {
    Case accepted(operation);
    accepted.options.wait = false;
    accepted.begin(active_for(1h));
    accepted.ended(with_job(active_for(1h)), still_running);
    CHECK(accepted.end() == Outcome::End::done);
    CHECK(accepted.change->outcome().text == "accepted");
    for (const bool wait : {true, false}) {
      Case open(operation);
      open.options.wait = wait;
      open.begin(active_for(1h));
      open.ended(active_for(1h), still_running);
      REQUIRE(open.change->finished());
      CHECK(open.end() == Outcome::End::unfinished);
      CHECK(open.change->outcome().text == "no answer");
      CHECK(open.failure() == FailureClass::timed_out);
    }
  }
  Case start(Operation::start);
  start.options.wait = false;
  start.begin(down_for(1h));
  start.ended(active_for(1s), still_running);
  CHECK(start.end() == Outcome::End::done);
}

TEST_CASE("a job that ends between the deadline and the look at its unit is over") {
  Case stop(Operation::stop);
  stop.begin(active_for(1h));
  stop.ended(down_for(0s), still_running);
  REQUIRE(stop.change->finished());
  CHECK(stop.change->outcome().text == "stopped");
  Case restart(Operation::restart);
  restart.options.wait = false;
  restart.begin(active_for(1h));
  restart.ended(in_next_life(active_for(0s)), still_running);
  REQUIRE(restart.change->finished());
  CHECK(restart.end() == Outcome::End::done);
  Case failed(Operation::restart);
  failed.options.wait = false;
  failed.begin(active_for(1h));
  auto unit = in_next_life(down_for(0s, "failed"));
  unit.state.result = "exit-code";
  failed.ended(unit, still_running);
  REQUIRE(failed.change->finished());
  CHECK(failed.failure() == FailureClass::job_failed);
}

TEST_CASE("a stop is done when the unit is down; what had to be killed is said and cleared") {
  Case already(Operation::stop);
  already.begin(down_for(1h));
  REQUIRE(already.change->finished());
  CHECK(already.change->outcome().text == "already stopped");

  Case stop(Operation::stop);
  stop.begin(active_for(1h));
  stop.ended(down_for(10ms));
  CHECK(stop.end() == Outcome::End::done);
  CHECK_FALSE(stop.change->wants_clearing());

  Case killed(Operation::stop);
  killed.begin(active_for(1h));
  auto unit = down_for(10ms, "failed");
  unit.state.result = "timeout";
  killed.ended(unit);
  CHECK(killed.end() == Outcome::End::done);
  CHECK(killed.change->wants_clearing());
  CHECK(killed.change->outcome().text.find("killed") != std::string::npos);
}

TEST_CASE("a restart of a stopped manager starts it only if it was named itself") {
  Case by_glob(Operation::restart, false);
  by_glob.begin(down_for(1h));
  REQUIRE(by_glob.change->finished());
  CHECK(by_glob.end() == Outcome::End::skipped);
  Case by_name(Operation::restart, true);
  by_name.begin(down_for(1h));
  CHECK_FALSE(by_name.change->finished());
}

TEST_CASE("a unit that died and was started again before anybody looked did not stay up") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  auto second_life = active_for(5s);
  second_life.state.n_restarts = 1;
  start.ended(second_life);
  start.look(second_life, heard(1s, true));
  REQUIRE(start.change->finished());
  CHECK(start.failure() == FailureClass::job_failed);
}

TEST_CASE("a start of an active manager makes no job, and must be heard") {
  Case start(Operation::start);
  start.begin(active_for(1h));
  CHECK_FALSE(start.change->finished());
  CHECK_FALSE(start.change->wants_job());
  start.look(active_for(1h), heard(1s, true));
  REQUIRE(start.change->finished());
  CHECK(start.change->outcome().text == "already running");
}

TEST_CASE("a hung manager is called so by a start that waits in vain") {
  Case start(Operation::start);
  start.options.timeout = 8s;
  start.begin(active_for(1h));
  start.look(active_for(1h), heard(20s, false), 9s);
  REQUIRE(start.change->finished());
  CHECK(start.change->outcome().text == "hung");
  CHECK(start.change->outcome().failure->hint == "actorsctl restart M");
}

TEST_CASE("a oneshot that should send heartbeats is refused before anything is done") {
  Case start(Operation::start);
  auto unit = down_for(1h);
  unit.state.type = "oneshot";
  start.begin(unit);
  REQUIRE(start.change->finished());
  CHECK(start.failure() == FailureClass::bad_setting);
}

TEST_CASE("a link that breaks after systemd was asked leaves it open what was done") {
  const Failure lost{FailureClass::lost, "connection lost", ""};
  Case before(Operation::start);
  before.begin(down_for(1h));
  before.change->fail(lost);
  CHECK(before.end() == Outcome::End::failed);
  CHECK(before.change->outcome().text == "failed");
  Case after(Operation::start);
  after.begin(down_for(1h));
  after.change->handed_over();
  after.change->fail(lost);
  CHECK(after.end() == Outcome::End::unfinished);
}

TEST_CASE("a host that nobody came as far as is called unreachable") {
  for (const auto why : {FailureClass::resolve, FailureClass::connect, FailureClass::host_key}) {
    Case start(Operation::start);
    start.change->fail({why, "", ""});
    CHECK(start.end() == Outcome::End::failed);
    CHECK(start.change->outcome().text == "unreachable");
  }
}

TEST_CASE("a refused change is a matter of privilege") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  start.host.ssh = "ops@h1";
  start.ended(down_for(1h), {ChangeResult::End::no_privilege, "Access denied", "ops"});
  REQUIRE(start.change->finished());
  CHECK(start.failure() == FailureClass::privilege);
  CHECK(start.change->outcome().failure->hint.starts_with("actorsctl deploy --host h1 "));
}

TEST_CASE("a stop is announced for as long as its silence may take to be noticed") {
  Case stop(Operation::stop);
  stop.begin(active_for(1h));
  CHECK(stop.change->wants_announcing());
  CHECK(stop.change->silence() == 90s + 90s + 6s + 3s + 2s);
  SUBCASE("with a timeout") {
    stop.options.timeout = 10s;
    stop.begin(active_for(1h));
    CHECK(stop.change->silence() == 10s + 6s + 3s + 2s);
  }
  SUBCASE("without any limit") {
    auto unit = active_for(1h);
    unit.state.timeout_stop.reset();
    stop.begin(unit);
    CHECK(stop.change->silence() == 300s + 6s + 3s + 2s);
  }
}

TEST_CASE("a start, and a manager that never speaks, are not announced") {
  Case start(Operation::start);
  start.begin(down_for(1h));
  CHECK_FALSE(start.change->wants_announcing());
  Case silent(Operation::stop, true, false);
  silent.begin(active_for(1h));
  CHECK_FALSE(silent.change->wants_announcing());
}

TEST_CASE("the announcement of a stop stays, unless the unit does") {
  Case stop(Operation::stop);
  stop.begin(active_for(1h));
  CHECK_FALSE(stop.change->wants_announcement_back());
  bool back = false;
  SUBCASE("stopped") {
    stop.change->announced();
    stop.ended(down_for(0s));
  }
  SUBCASE("refused") {
    stop.change->announced();
    stop.ended(active_for(1h), {ChangeResult::End::no_privilege, "no"});
    back = true;
  }
  SUBCASE("refused, and never announced") {
    stop.ended(active_for(1h), {ChangeResult::End::no_privilege, "no"});
  }
  SUBCASE("failed, and down all the same") {
    stop.change->announced();
    stop.ended(down_for(0s, "failed"), {ChangeResult::End::failed, "no"});
  }
  SUBCASE("started again by something") {
    stop.change->announced();
    stop.ended(active_for(0s));
    back = true;
  }
  SUBCASE("left to systemd") {
    stop.change->announced();
    stop.ended(with_job(active_for(1h)), still_running);
  }
  SUBCASE("asked for, and no job is seen") {
    stop.change->announced();
    stop.ended(active_for(1h), still_running);
  }
  SUBCASE("not asked for") {
    stop.change->announced();
    stop.ended(active_for(1h), never_asked);
    back = true;
  }
  CHECK(stop.change->wants_announcement_back() == back);
}

TEST_CASE("the announcement of a restart ends with it, however it ended") {
  Case restart(Operation::restart);
  bool back = true;
  SUBCASE("heard") {
    restart.begin(active_for(1h));
    restart.change->announced();
    restart.ended(active_for(10ms));
    CHECK_FALSE(restart.change->wants_announcement_back());
    restart.look(active_for(4s), heard(1s, true));
    REQUIRE(restart.end() == Outcome::End::done);
  }
  SUBCASE("died") {
    restart.begin(active_for(1h));
    restart.change->announced();
    restart.ended(active_for(10ms));
    restart.look(down_for(1s, "failed"), empty_registry());
    REQUIRE(restart.end() == Outcome::End::failed);
  }
  SUBCASE("left to systemd") {
    restart.begin(active_for(1h));
    restart.change->announced();
    restart.ended(with_job(active_for(1h)), still_running);
    back = false;
  }
  SUBCASE("not asked for") {
    restart.options.wait = false;
    restart.begin(active_for(1h));
    restart.change->announced();
    restart.ended(active_for(1h), never_asked);
  }
  SUBCASE("not waited for") {
    restart.options.wait = false;
    restart.begin(active_for(1h));
    restart.change->announced();
    restart.ended(active_for(10ms));
    back = false;
  }
  REQUIRE(restart.change->finished());
  CHECK(restart.change->wants_announcement_back() == back);
}

} // namespace controller
