#include "controller/unit_call.hpp"

#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

using namespace test;
using systemd_units::ChangeResult;
using systemd_units::Request;

const ChangeResult call_done{ChangeResult::End::done, ""};
const Request usr1(Verb::kill, "SIGUSR1");

/// Manager M of host h1.
struct One {
  One() {
    host.name = "h1";
    manager.id = "M";
    manager.service = "m.service";
    chosen = {&host, &manager, true};
  }
  std::optional<Outcome> before(const Request& request, const UnitReading& unit) {
    return outcome_before(request, chosen, unit.state);
  }
  Outcome after(const Request& request, const UnitReading& before, const UnitReading& after,
                const ChangeResult& result = call_done) {
    return outcome_after(request, chosen, before.state, result, after.state);
  }

  config::Host host;
  config::Manager manager;
  Chosen chosen;
};

UnitReading with_file_state(UnitReading unit, const char* state) {
  unit.state.unit_file_state = state;
  return unit;
}

} // namespace

TEST_CASE("a unit that does not run can't be reloaded or signalled") {
  One one;
  for (const auto& request : {Request(Verb::reload), usr1}) {
    const auto outcome = one.before(request, down_for(1h));
    REQUIRE(outcome.has_value());
    CHECK(outcome->end == Outcome::End::failed);
    CHECK(outcome->failure->failure_class == FailureClass::not_running);
    CHECK_FALSE(one.before(request, active_for(1h)).has_value());
  }
}

TEST_CASE("what runs without a unit file can still be signalled, and forgotten when it failed") {
  One one;
  auto running = active_for(1h);
  running.state.load_state = "not-found";
  CHECK_FALSE(one.before(usr1, running).has_value());
  CHECK(one.before(Verb::enable, running)->failure->failure_class == FailureClass::no_such_unit);
  auto failed = down_for(1h, "failed");
  failed.state.load_state = "not-found";
  CHECK_FALSE(one.before(Verb::reset_failed, failed).has_value());
  auto gone = down_for(1h);
  gone.state.load_state = "not-found";
  CHECK(one.before(usr1, gone)->failure->failure_class == FailureClass::no_such_unit);
}

TEST_CASE("what the configuration names by an alias is left as it is, whatever the verb") {
  One one;
  auto unit = active_for(1h);
  unit.state.id = "real.service";
  for (const auto& request : {Request(Verb::reload), usr1, Request(Verb::reset_failed), Request(Verb::enable),
                              Request(Verb::disable)}) {
    const auto outcome = one.before(request, unit);
    REQUIRE(outcome.has_value());
    CHECK(outcome->end == Outcome::End::failed);
    CHECK(outcome->failure->failure_class == FailureClass::bad_setting);
    CHECK(outcome->failure->message == "m.service is an alias of real.service");
  }
}

TEST_CASE("where there is nothing to do, that is said") {
  One one;
  CHECK(one.before(Verb::reset_failed, active_for(1h))->text == "was not failed");
  CHECK(one.before(Verb::enable, with_file_state(active_for(1h), "enabled"))->text == "already enabled");
  CHECK(one.before(Verb::disable, with_file_state(active_for(1h), "disabled"))->text == "already disabled");
}

TEST_CASE("a reload is done when the same life goes on") {
  One one;
  CHECK(one.after(Verb::reload, active_for(1h), active_for(1h)).text == "reloaded");
  CHECK(one.after(Verb::reload, active_for(1h), down_for(0s, "failed")).end == Outcome::End::failed);
  auto another = active_for(10ms);
  another.state.invocation_id = "bbbb";
  CHECK(one.after(Verb::reload, active_for(1h), another).end == Outcome::End::failed);
}

TEST_CASE("a reload that the unit has not is a setting's fault") {
  One one;
  const ChangeResult refused{
      ChangeResult::End::failed,
      "Failed to reload m.service: Job type reload is not applicable for unit m.service."};
  const auto outcome = one.after(Verb::reload, active_for(1h), active_for(1h), refused);
  CHECK(outcome.failure->failure_class == FailureClass::bad_setting);
  CHECK(outcome.failure->message == "m.service can't be reloaded");
}

TEST_CASE("what systemd accepts without effect is a failure") {
  One one;
  const auto disabled = with_file_state(active_for(1h), "disabled");
  CHECK(one.after(Verb::enable, disabled, with_file_state(active_for(1h), "enabled")).text == "enabled");
  const auto outcome = one.after(Verb::enable, disabled, with_file_state(active_for(1h), "static"));
  CHECK(outcome.end == Outcome::End::failed);
  CHECK(outcome.failure->message == "m.service is static, it can't be enabled");
  CHECK(one.after(Verb::disable, with_file_state(active_for(1h), "enabled"), disabled).text == "disabled");
  CHECK(one.after(Verb::reset_failed, down_for(1h, "failed"), down_for(1h, "failed")).end ==
        Outcome::End::failed);
}

TEST_CASE("a call that was never made is not left to systemd") {
  One one;
  const auto outcome =
      one.after(Verb::reload, active_for(1h), active_for(1h), {ChangeResult::End::not_asked, "it was late"});
  CHECK(outcome.end == Outcome::End::failed);
  CHECK(outcome.failure->failure_class == FailureClass::not_asked);
  CHECK(outcome.failure->message == "m.service: not begun, systemd was not asked in time: it was late");
  CHECK(outcome.failure->hint.find("--timeout") != std::string::npos);
}

TEST_CASE("a missing right is told as one, whatever the verb") {
  One one;
  for (const auto& request : {Request(Verb::reload), usr1, Request(Verb::enable)}) {
    const auto outcome = one.after(request, active_for(1h), active_for(1h),
                                   {ChangeResult::End::no_privilege, "Access denied", "ops"});
    CHECK(outcome.failure->failure_class == FailureClass::privilege);
    CHECK(outcome.failure->hint.starts_with("this line in a file of /etc/sudoers.d")); // of this machine
  }
  one.host.ssh = "ops@h1";
  for (const auto& request : {Request(Verb::reload), usr1, Request(Verb::enable)}) {
    const auto outcome = one.after(request, active_for(1h), active_for(1h),
                                   {ChangeResult::End::no_privilege, "Access denied", "ops"});
    const bool is_granted_by_deploy = request.verb != Verb::enable;
    CHECK(outcome.failure->hint.starts_with("actorsctl deploy --host h1 ") == is_granted_by_deploy);
  }
}

} // namespace controller
