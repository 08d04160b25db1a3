#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

namespace {

/// A registry made of what `from` would have stored.
Simulated restarted(Simulated& from) {
  Simulated again(from.registry.options());
  from.registry.take_unstored(from.time(), SIZE_MAX);
  Registry::Walk walk;
  from.registry.walk(walk, from.time(), SIZE_MAX,
                     [&](const Change& change) { again.registry.restore(Change(change)); });
  again.monotonic = 5000 * nanos_per_second;
  again.registry.restored(again.time());
  return again;
}

} // namespace

TEST_CASE("what was online has a full timeout to be heard, and was not heard yet") {
  Simulated before;
  before.add("M", "A", "one");
  before.pass(5.9);
  Simulated sim = restarted(before);
  CHECK(sim.events().empty());
  CHECK(sim.online("A"));
  CHECK_FALSE(sim.manager("M").age_s);
  CHECK(sim.manager("M").address == "10.0.0.9");
  CHECK(failure(sim.add("N", "A")).code == protocol::ErrorCode::taken);
  sim.pass(5.9);
  CHECK(sim.online("A"));
  sim.pass(0.2);
  CHECK_FALSE(sim.online("A"));
  sim.expire();
  CHECK(sim.events() == "online:N offline:M offline:N");
}

TEST_CASE("what was offline is so still, and may be taken") {
  Simulated before;
  before.add("M", "A");
  before.pass(7);
  before.expire();
  Simulated sim = restarted(before);
  CHECK_FALSE(sim.online("A"));
  CHECK(sim.look("A").endpoint == "tcp://h:1");
  CHECK(is_ok(sim.add("N", "A")));
  CHECK(sim.beat("M").lost == std::vector<std::string_view>{"A"});
}

TEST_CASE("lives, losses, announcements and who the process is come back") {
  Simulated before;
  before.send(protocol::RegisterActor{"M", "A", "tcp://h:1", "one",
                                      protocol::Process{"host", 12, {}, "inv", {}, {}}});
  before.beat("M", "two");
  before.add("M", "B", "two");
  before.remove("B"); // by an operator
  before.send(protocol::ExpectOffline{"M", 60, "why"});
  before.pass(4);
  Simulated sim = restarted(before);
  CHECK(sim.beat("M", "one").superseded);
  CHECK(sim.manager("M").instance == "two");
  CHECK(sim.manager("M").expected->seconds == 56);
  CHECK(sim.manager("M").expected->reason == "why");
  CHECK(sim.beat("M", "two").lost == std::vector<std::string_view>{"B"});
  CHECK_FALSE(sim.online("A"));

  Simulated plain;
  plain.send(protocol::Heartbeat{"P", {}, protocol::Process{"host", 12, "u", "inv", "C++", "1"}});
  Simulated again = restarted(plain);
  CHECK(again.manager("P").process->invocation_id == "inv");
  CHECK(again.manager("P").process->pid == 12);
}

TEST_CASE("a walk goes in slices and sees every name once, also while names come and go") {
  Simulated sim;
  for (int i = 0; i < 100; ++i)
    sim.add("M" + std::to_string(i % 7), "A" + std::to_string(100 + i));
  std::size_t managers = 0, names = 0;
  Registry::Walk walk;
  int slices = 1;
  const auto count = [&](const Change& change) {
    managers += std::holds_alternative<ManagerStored>(change) ? 1 : 0;
    names += std::holds_alternative<NameStored>(change) ? 1 : 0;
  };
  for (; sim.registry.walk(walk, sim.time(), 10, count); ++slices)
    sim.add("M0", "A000"); // behind where it is
  CHECK(managers == 7);
  CHECK(names >= 100);
  CHECK(slices > 8);
}
