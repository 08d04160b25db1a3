#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

namespace {

RegistryOptions limited() {
  RegistryOptions options;
  options.limits.names = 4;
  options.limits.managers = 2;
  options.limits.actors_per_manager = 3;
  return options;
}

std::string refusal(const protocol::Reply& reply) {
  const auto& failed = failure(reply);
  CHECK(failed.code == protocol::ErrorCode::limit);
  return failed.reason;
}

} // namespace

TEST_CASE("each limit refuses with its own words, and what is there goes on") {
  Simulated sim(limited());
  for (const char* name : {"A", "B", "C"})
    REQUIRE(is_ok(sim.add("M", name)));
  CHECK(refusal(sim.add("M", "D")).find("limits.actors_per_manager: 3") != std::string::npos);
  CHECK(is_ok(sim.add("M", "A", {}, "tcp://h:2")));
  REQUIRE(is_ok(sim.add("N", "D")));
  CHECK(refusal(sim.add("N", "E")).find("limits.names: 4") != std::string::npos);
  CHECK(refusal(sim.add("O", "F")).find("limits.managers: 2") != std::string::npos);
  const auto heartbeat = sim.send(protocol::Heartbeat{"O", {}, {}});
  CHECK(std::get<protocol::Error>(heartbeat).code == protocol::ErrorCode::limit);
  REQUIRE(is_ok(sim.remove("A")));
  CHECK(is_ok(sim.add("N", "E")));
}

TEST_CASE("what is proposed counts, in one message and in several") {
  Simulated sim(limited());
  const auto reply = sim.send(protocol::RegisterActors{
      "M", {{"A", "tcp://h:1"}, {"B", "tcp://h:1"}, {"C", "tcp://h:1"}, {"D", "tcp://h:1"}}, {}, {}});
  const auto& results = std::get<protocol::RegistrationResults>(reply);
  CHECK(results.actors == 3);
  REQUIRE(results.results.size() == 4);
  CHECK(results.results[2].ok);
  CHECK(results.results[3].code == protocol::ErrorCode::limit);

  const Asker asker{"10.0.0.9", sim.time()};
  sim.beat("N");
  Plan first = sim.registry.decide(protocol::RegisterActor{"N", "D", "tcp://h:1", {}, {}}, asker);
  sim.registry.propose(first);
  const Plan second = sim.registry.decide(protocol::RegisterActor{"N", "E", "tcp://h:1", {}, {}}, asker);
  CHECK(second.outcomes.front().code == protocol::ErrorCode::limit);
  sim.registry.give_up(first);
  const Plan third = sim.registry.decide(protocol::RegisterActor{"N", "E", "tcp://h:1", {}, {}}, asker);
  CHECK(third.outcomes.front().reason.empty());
}

TEST_CASE("a batch takes effect name by name") {
  Simulated sim;
  sim.add("N", "B");
  protocol::RegisterActors batch{"M", {{"A", "tcp://h:1"}, {"B", "tcp://h:1"}, {"", ""}}, {}, {}};
  batch.actors[2].fault = "actors[2].actor_name: expected a name";
  const auto reply = sim.send(batch);
  const auto& results = std::get<protocol::RegistrationResults>(reply).results;
  CHECK(results[0].ok);
  CHECK(results[1].code == protocol::ErrorCode::taken);
  CHECK(results[2].reason == "actors[2].actor_name: expected a name");
  CHECK(sim.online("A"));
  const auto found =
      std::get<protocol::LookupResults>(sim.send(protocol::LookupActors{{"A", "B", "C"}})).results;
  CHECK(found[0].manager_id == "M");
  CHECK(found[1].manager_id == "N");
  CHECK_FALSE(found[2].endpoint);
}

TEST_CASE("names are taken from one that never asks again, and what is remembered of that has an end") {
  RegistryOptions options;
  options.limits.names = 50;
  Simulated sim(options);
  std::size_t most = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "A" + std::to_string(i);
    REQUIRE(is_ok(sim.add("M", name)));
    sim.send(protocol::UnregisterManager{"M", {}, false});
    REQUIRE(is_ok(sim.add("N", name)));
    most = std::max(most, sim.beat("M").lost.size());
    sim.send(protocol::UnregisterActor{name, "N", {}});
  }
  CHECK(most == 6);
  REQUIRE(is_ok(sim.add("M", "A0"))); // settles one
  CHECK(sim.beat("M").lost.size() == 5);
  sim.send(protocol::UnregisterManager{"M", {}, true});
  REQUIRE(is_ok(sim.add("M", "B")));
  sim.send(protocol::UnregisterManager{"M", {}, false});
  REQUIRE(is_ok(sim.add("N", "B")));
  CHECK(sim.beat("M").lost == std::vector<std::string_view>{"B"});
}

TEST_CASE("names and endpoints are as long together as so many may be, also where they grow later") {
  RegistryOptions options;
  options.limits.names = 100;
  Simulated sim(options);
  const std::string host(59, 'h');
  const std::string far = "tcp://" + host + "." + host + "." + host + "." + host + ":65535";
  const auto name = [](int i) { return std::string(253, 'n') + std::to_string(i); };
  int held = 0;
  while (is_ok(sim.add("M", name(held + 10), {}, far)))
    ++held;
  CHECK(held == 100 * 256 / static_cast<int>(255 + far.size()));
  CHECK(refusal(sim.add("M", name(99), {}, far)).find("256 bytes for each of limits.names: 100") !=
        std::string::npos);
  REQUIRE(is_ok(sim.add("M", "short")));
  CHECK(is_ok(sim.add("M", name(10), {}, far))); // what is there goes on
  REQUIRE(is_ok(sim.remove(name(10))));
  for (int i = 0; i < 20; ++i)
    REQUIRE(is_ok(sim.add("M", "s" + std::to_string(i))));
  int grown = 0;
  while (grown < 20 && is_ok(sim.add("M", "s" + std::to_string(grown), {}, far)))
    ++grown;
  CHECK(grown < 5);
  CHECK(is_ok(sim.add("M", name(11), {}, "tcp://h:1"))); // shorter than before
  CHECK(is_ok(sim.add("M", "s" + std::to_string(grown), {}, far)));
}
