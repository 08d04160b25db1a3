#include "controller/verdict.hpp"
#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

using namespace test;

Verdict verdict(const UnitReading& unit, const RegistryView& registry, bool heartbeats = true) {
  return judge(unit, registry, "M", heartbeats, 6s).verdict;
}

RegistryView unreachable_registry() {
  return {};
}

UnitReading with_load_state(const std::string& load_state) {
  auto unit = down_for(1h);
  unit.state.load_state = load_state;
  return unit;
}

UnitReading with_active_state(const std::string& active_state, const std::string& sub_state) {
  auto unit = active_for(1h);
  unit.state.active_state = active_state;
  unit.state.sub_state = sub_state;
  return unit;
}

} // namespace

TEST_CASE("a unit that can't be loaded is missing, masked or broken, whatever is heard") {
  CHECK(verdict(with_load_state("not-found"), heard(1s, true)) == Verdict::missing);
  CHECK(verdict(with_load_state("masked"), heard(1s, true)) == Verdict::masked);
  CHECK(verdict(with_load_state("bad-setting"), heard(1s, true)) == Verdict::broken);
  CHECK(verdict(with_load_state("error"), heard(1s, true)) == Verdict::broken);
}

TEST_CASE("units on their way are stopping, restarting or starting") {
  CHECK(verdict(with_active_state("deactivating", "stop-sigterm"), heard(1s, true)) == Verdict::stopping);
  CHECK(verdict(with_active_state("activating", "auto-restart"), heard(1s, true)) == Verdict::restarting);
  CHECK(verdict(with_active_state("activating", "start"), empty_registry()) == Verdict::starting);
  CHECK(verdict(with_active_state("activating", "start"), unreachable_registry()) == Verdict::starting);
}

TEST_CASE("a unit that systemd restarted within the last minute is restarting, later it is not") {
  auto unit = active_for(59s);
  unit.state.n_restarts = 2;
  CHECK(verdict(unit, heard(1s, true)) == Verdict::restarting);
  CHECK(judge(unit, heard(1s, true), "M", true, 6s).detail == "2 restarts");
  unit = active_for(61s);
  unit.state.n_restarts = 2;
  CHECK(verdict(unit, heard(1s, true)) == Verdict::healthy);
}

TEST_CASE("what happened after the host's clock was read happened just now") {
  const auto unit = active_for(-600ms);
  CHECK(age(unit, unit.state.active_enter) == 0s);
  const auto judgement = judge(unit, empty_registry(), "M", true, 6s);
  CHECK(judgement.verdict == Verdict::starting);
  CHECK(judgement.detail == "active for 0 s, not heard so far");
  CHECK(verdict(unit, heard(10ms, true)) == Verdict::starting);
  CHECK(verdict(down_for(-600ms), heard(10ms, true)) == Verdict::stopped);
}

TEST_CASE("a unit that is down is foreign only where a heartbeat is younger than that") {
  CHECK(verdict(down_for(10s), heard(11s, false)) == Verdict::stopped);
  CHECK(verdict(down_for(10s), heard(9s, true)) == Verdict::foreign);
  CHECK(verdict(down_for(10s, "failed"), heard(11s, true)) == Verdict::failed);
  CHECK(verdict(down_for(10s, "failed"), heard(1s, true)) == Verdict::foreign);
  CHECK(verdict(down_for(10s), empty_registry()) == Verdict::stopped);
  CHECK(verdict(down_for(10s), unreachable_registry()) == Verdict::stopped);
}

TEST_CASE("a unit of which systemd forgot when it went down is foreign only to a heartbeat after it was seen "
          "down") {
  auto unit = down_for(1s);
  unit.state.inactive_enter = 0us;
  CHECK(verdict(unit, heard(500ms, true)) == Verdict::stopped);
  CHECK(needs_another_look(unit, heard(500ms, true), "M"));
  auto later = heard(500ms, true);
  later.asked = read_at + 1s;
  CHECK(verdict(unit, later) == Verdict::foreign);
  CHECK_FALSE(needs_another_look(unit, later, "M"));
  CHECK_FALSE(needs_another_look(unit, heard(7s, false), "M"));
  CHECK_FALSE(needs_another_look(down_for(1s), heard(2s, true), "M"));
}

TEST_CASE("an active unit is healthy only when this activation was heard") {
  CHECK(verdict(active_for(10s), heard(9s, true)) == Verdict::healthy);
  CHECK(verdict(active_for(10s), heard(11s, true)) == Verdict::silent);
  CHECK(verdict(active_for(5s), heard(5.5s, true)) == Verdict::starting);
  CHECK(verdict(active_for(5s), empty_registry()) == Verdict::starting);
  CHECK(verdict(active_for(7s), empty_registry()) == Verdict::silent);
}

TEST_CASE("the invocation id decides where there is one") {
  CHECK(verdict(active_for(10s), heard_from(1s, true, "aaaa")) == Verdict::healthy);
  CHECK(verdict(active_for(10s), heard_from(1s, true, "bbbb")) == Verdict::silent);
  CHECK(verdict(active_for(10s), heard_from(12s, false, "aaaa")) == Verdict::hung);
}

TEST_CASE("the detail says who speaks in place of the unit") {
  auto registry = heard_from(100ms, true, "bbbb");
  registry.managers.at("M").process->pid = 2504;
  registry.managers.at("M").process->host = "h3";
  const auto judgement = judge(active_for(10s), registry, "M", true, 6s);
  CHECK(judgement.verdict == Verdict::silent);
  CHECK(judgement.detail == "active for 10 s, not heard: pid 2504 on h3 speaks in its name");
  registry.managers.at("M").process->invocation_id.reset();
  CHECK(judge(active_for(10s), registry, "M", true, 6s).detail == "heard from pid 2504 on h3");
}

TEST_CASE("a message before the main process began is not of this activation") {
  auto unit = active_for(10s);
  unit.state.exec_main_start = host_now - 2s;
  CHECK(hearing(unit, heard(3s, true), "M") == Hearing::never);
  CHECK(hearing(unit, heard(1s, true), "M") == Hearing::heard);
}

TEST_CASE("a manager that was heard and is not any more is hung") {
  CHECK(verdict(active_for(60s), heard(8s, false)) == Verdict::hung);
}

TEST_CASE("without the registry nothing active is called healthy") {
  CHECK(verdict(active_for(1h), unreachable_registry()) == Verdict::unverified);
  CHECK(verdict(active_for(1s), unreachable_registry()) == Verdict::unverified);
}

TEST_CASE("a registry that has just started accuses nobody") {
  auto young = empty_registry();
  young.uptime = 5s;
  CHECK(verdict(active_for(1h), young) == Verdict::unverified);
  auto young_and_heard = heard(1s, true);
  young_and_heard.uptime = 5s;
  CHECK(verdict(active_for(1h), young_and_heard) == Verdict::healthy);
}

TEST_CASE("a manager without heartbeats is judged by systemd alone") {
  CHECK(verdict(active_for(1h), unreachable_registry(), false) == Verdict::healthy);
  CHECK(verdict(down_for(1h), unreachable_registry(), false) == Verdict::stopped);
}

TEST_CASE("time between the readings never makes the dead life's heartbeat count") {
  // The host answered 2 s after the registry was asked: the activation (1 s old then) began after that
  // question.
  auto unit = active_for(1s);
  unit.answered = read_at + 2s;
  CHECK(hearing(unit, heard(0s, true), "M") == Hearing::never);
  unit.answered = read_at + 500ms;
  CHECK(hearing(unit, heard(0s, true), "M") == Hearing::heard);
}

} // namespace controller
