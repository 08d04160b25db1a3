#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

namespace {

double expect(Simulated& sim, std::string_view manager, double seconds, Simulated::Text reason = {}) {
  return std::get<protocol::Expected>(sim.send(protocol::ExpectOffline{manager, seconds, reason})).seconds;
}

std::uint64_t say_goodbye(Simulated& sim, std::string_view manager, Simulated::Text instance = {},
                          bool forget = false) {
  return std::get<protocol::ManagerUnregistered>(
             sim.send(protocol::UnregisterManager{manager, instance, forget}))
      .actors;
}

} // namespace

TEST_CASE("a timeout that was announced is expected, with the reason") {
  Simulated sim;
  sim.add("M", "A");
  CHECK(expect(sim, "M", 30, "maintenance") == 30);
  CHECK(sim.manager("M").expected->seconds == 30);
  CHECK(sim.manager("M").expected->reason == "maintenance");
  sim.events();
  sim.pass(7);
  sim.expire();
  const auto events = sim.registry.take_events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].expected);
  CHECK(events[0].reason == "maintenance");
  CHECK(sim.manager("M").expected->seconds == 23);
}

TEST_CASE("an announcement ends with the return, a new instance, its time, or a zero") {
  Simulated sim;
  sim.add("M", "A", "one");
  const auto is_expected = [&] { return sim.manager("M").expected.has_value(); };
  expect(sim, "M", 30);
  sim.beat("M", "one");
  CHECK(is_expected()); // it was not away
  sim.pass(7);
  sim.expire();
  sim.beat("M", "one");
  CHECK_FALSE(is_expected());
  expect(sim, "M", 30);
  sim.beat("M", "two");
  CHECK_FALSE(is_expected());
  expect(sim, "M", 5);
  sim.pass(5);
  CHECK_FALSE(is_expected());
  sim.beat("M", "two");
  expect(sim, "M", 30);
  expect(sim, "M", 0);
  CHECK_FALSE(is_expected());
  CHECK(expect(sim, "nobody", 30) == 0);
}

TEST_CASE("a goodbye is offline at once, keeps the names, and lets others take them") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.events();
  CHECK(say_goodbye(sim, "M", "one") == 1);
  CHECK(sim.events() == "goodbye:M");
  CHECK(sim.look("A").endpoint == "tcp://h:1");
  CHECK_FALSE(sim.online("A"));
  sim.pass(10);
  sim.expire();
  CHECK(sim.events().empty());
  sim.beat("M", "one");
  CHECK(sim.online("A"));
  say_goodbye(sim, "M");
  CHECK(is_ok(sim.add("N", "A")));
}

TEST_CASE("a goodbye of another life, or of nobody, says nothing") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.beat("M", "two");
  CHECK(say_goodbye(sim, "M", "one") == 0);
  CHECK(say_goodbye(sim, "M", "three") == 0);
  CHECK(say_goodbye(sim, "nobody") == 0);
  CHECK(sim.manager("M").online);
}

TEST_CASE("after a goodbye the life before may speak again") {
  Simulated sim;
  sim.beat("M", "one");
  sim.beat("M", "two");
  CHECK(sim.beat("M", "one").superseded);
  say_goodbye(sim, "M", "two");
  CHECK_FALSE(sim.beat("M", "one").superseded);
}

TEST_CASE("to be forgotten takes the manager and all its names away") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.add("M", "B", "two");
  sim.add("N", "C");
  sim.events();
  CHECK(say_goodbye(sim, "M", {}, true) == 2);
  CHECK(sim.events() == "forgotten:M/A forgotten:M/B forgotten:M");
  CHECK_FALSE(sim.look("A").endpoint);
  CHECK(sim.registry.counts().managers == 1);
  CHECK(sim.registry.counts().actors_online == 1);
}
