#include "tests/unit/registry_core/simulated.hpp"

#include <algorithm>

using namespace registry_core;
using protocol::ErrorCode;

TEST_CASE("a name held by nobody is registered") {
  Simulated sim;
  const auto reply = sim.add("M", "A");
  REQUIRE(is_ok(reply));
  const auto& ok = std::get<protocol::RegistrationOk>(reply);
  CHECK(ok.actor_name == "A");
  CHECK(ok.epoch == "e1");
  CHECK(ok.actors == 1);
  CHECK_FALSE(ok.actor_endpoint);
}

TEST_CASE("its own manager may register it anew, elsewhere") {
  Simulated sim;
  sim.add("M", "A");
  sim.events();
  CHECK(is_ok(sim.add("M", "A")));
  CHECK(sim.events().empty());
  CHECK(is_ok(sim.add("M", "A", {}, "tcp://h:2")));
  CHECK(sim.look("A").endpoint == "tcp://h:2");
  CHECK(sim.events() == "endpoint_changed:M/A");
  CHECK(sim.beat("M").actors == 1);
}

TEST_CASE("a name of another manager that is heard is taken") {
  Simulated sim;
  sim.add("M", "A");
  sim.pass(5.9);
  const auto reply = sim.add("N", "A", {}, "tcp://n:1");
  CHECK(failure(reply).code == ErrorCode::taken);
  CHECK(failure(reply).reason == "Name already registered by manager 'M'");
  CHECK(sim.look("A").endpoint == "tcp://h:1");
}

TEST_CASE("a name of a silent manager moves, and its owner hears of the loss until it settles it") {
  Simulated sim;
  sim.add("M", "A");
  sim.add("M", "B");
  sim.pass(6);
  sim.events();
  CHECK(is_ok(sim.add("N", "A", {}, "tcp://n:1")));
  CHECK(sim.events() == "online:N taken_over:N/A");
  CHECK(sim.look("A").manager_id == "N");
  CHECK(sim.online("A"));
  for (int i = 0; i < 2; ++i) {
    const auto ack = sim.beat("M");
    CHECK(ack.lost == std::vector<std::string_view>{"A"});
    CHECK(ack.actors == 1);
  }
  SUBCASE("a refused registration settles nothing") {
    CHECK(failure(sim.add("M", "A")).code == ErrorCode::taken);
    CHECK(sim.beat("M").lost.size() == 1);
  }
  SUBCASE("unregistering settles it, though the name is another's now") {
    CHECK(failure(sim.remove("A", "M")).code == ErrorCode::taken);
    CHECK(sim.beat("M").lost.empty());
    CHECK(sim.look("A").manager_id == "N");
  }
  SUBCASE("registering settles it") {
    sim.pass(6);
    CHECK(is_ok(sim.add("M", "A")));
    CHECK(sim.beat("M").lost.empty());
    CHECK(sim.beat("N").lost == std::vector<std::string_view>{"A"});
  }
}

TEST_CASE("takeover: never") {
  RegistryOptions options;
  options.takeover = Takeover::never;
  Simulated sim(options);
  sim.add("M", "A");
  sim.pass(1000);
  CHECK(failure(sim.add("N", "A")).code == ErrorCode::taken);
  CHECK(is_ok(sim.add("M", "A")));
}

TEST_CASE("at most 100 lost names are told at a time") {
  Simulated sim;
  for (int i = 0; i < 150; ++i)
    sim.add("M", "A" + std::to_string(i));
  sim.pass(6);
  for (int i = 0; i < 150; ++i)
    sim.add("N", "A" + std::to_string(i));
  const auto ack = sim.beat("M");
  CHECK(ack.lost.size() == 100);
  for (const std::string& name : std::vector<std::string>(ack.lost.begin(), ack.lost.end()))
    sim.remove(name, "M");
  CHECK(sim.beat("M").lost.size() == 50);
}

TEST_CASE("unregistering: an unknown name is fine, another's is not, and whoever says no name may") {
  Simulated sim;
  CHECK(is_ok(sim.remove("A")));
  CHECK(is_ok(sim.remove("A", "M")));
  sim.add("M", "A");
  CHECK(failure(sim.remove("A", "N")).code == ErrorCode::taken);
  sim.beat("N");
  CHECK(failure(sim.remove("A", "N")).code == ErrorCode::taken);
  CHECK(sim.look("A").endpoint);
  CHECK(is_ok(sim.remove("A")));
  CHECK_FALSE(sim.look("A").endpoint);
  sim.add("M", "A");
  CHECK(is_ok(sim.remove("A", "M")));
  CHECK(sim.beat("M").actors == 0);
}

TEST_CASE("unregistering is no sign of life") {
  Simulated sim;
  sim.add("M", "A");
  sim.add("M", "B");
  sim.pass(5);
  sim.remove("B", "M");
  sim.pass(1);
  CHECK_FALSE(sim.online("A"));
}

TEST_CASE("a new instance becomes current and the older one is superseded") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.add("M", "B", "one");
  sim.events();
  CHECK(sim.beat("M", "two").actors == 0);
  CHECK(sim.events() == "superseded:M");
  CHECK_FALSE(sim.online("A"));
  CHECK(sim.look("A").endpoint);
  CHECK(sim.beat("M", "one").superseded);
  CHECK(failure(sim.add("M", "C", "one")).code == ErrorCode::superseded);
  CHECK(failure(sim.remove("A", "M", "one")).code == ErrorCode::superseded);
  CHECK(failure(sim.remove("A", {}, "one")).code == ErrorCode::superseded);
  CHECK(failure(sim.remove("unknown", "M", "one")).code == ErrorCode::superseded);
  CHECK(is_ok(sim.add("M", "A", "two")));
  CHECK(sim.online("A"));
  CHECK(sim.beat("M", "two").actors == 1);
}

TEST_CASE("a superseded instance does not keep its manager online") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.add("M", "A", "two");
  for (int i = 0; i < 3; ++i) {
    sim.pass(1.9);
    CHECK(sim.beat("M", "one").superseded);
  }
  CHECK(sim.online("A"));
  sim.pass(0.3);
  CHECK_FALSE(sim.online("A"));
}

TEST_CASE("when the current instance is offline a superseded one that speaks becomes current") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.add("M", "B", "two");
  sim.pass(6);
  CHECK_FALSE(sim.beat("M", "one").superseded);
  CHECK(sim.online("A"));
  CHECK_FALSE(sim.online("B"));
  CHECK(sim.beat("M", "two").superseded);
}

TEST_CASE("a message without instance belongs to the current life and supersedes nobody") {
  Simulated sim;
  sim.add("M", "A", "one");
  CHECK_FALSE(sim.beat("M").superseded);
  CHECK(sim.manager("M").instance == "one");
  CHECK(sim.online("A"));
  sim.pass(5);
  sim.beat("M");
  sim.pass(5);
  CHECK(sim.online("A"));
  CHECK(is_ok(sim.add("M", "P")));
  CHECK(sim.beat("M", "one").actors == 2);
  sim.beat("M", "two");
  CHECK_FALSE(sim.online("A"));
  CHECK(sim.online("P")); // of a peer without instance: any life
}

TEST_CASE("the owning instance's silence counts, not that of its manager") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.beat("M", "two");
  CHECK(failure(sim.add("N", "A")).code == ErrorCode::taken);
  sim.pass(4);
  sim.beat("M", "two");
  sim.pass(2);
  CHECK(is_ok(sim.add("N", "A")));
  CHECK(sim.beat("M", "two").lost == std::vector<std::string_view>{"A"});
}

TEST_CASE("a superseded instance that is still heard keeps others off its names") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.beat("M", "two");
  sim.pass(4);
  sim.beat("M", "two");
  sim.beat("M", "one");
  sim.pass(4);
  CHECK(failure(sim.add("N", "A")).code == ErrorCode::taken);
  sim.pass(2);
  CHECK(is_ok(sim.add("N", "A")));
}

TEST_CASE("the last 8 superseded instances are remembered") {
  Simulated sim;
  for (int i = 0; i < 10; ++i)
    sim.beat("M", "i" + std::to_string(i));
  CHECK(sim.beat("M", "i1").superseded);
  CHECK(sim.beat("M", "i8").superseded);
  CHECK_FALSE(sim.beat("M", "i0").superseded); // forgotten, so new
  CHECK(sim.manager("M").instance == "i0");
}

TEST_CASE("process is what the current instance said last") {
  Simulated sim;
  const auto say = [&](std::string_view instance, std::optional<std::int64_t> pid) {
    protocol::Heartbeat heartbeat{"M", instance, {}};
    if (pid) heartbeat.process = protocol::Process{{}, pid, {}, "inv", {}, {}};
    sim.send(heartbeat);
  };
  say("one", 1);
  CHECK(sim.manager("M").process->pid == 1);
  say("one", {});
  CHECK(sim.manager("M").process->pid == 1);
  say("one", 2);
  CHECK(sim.manager("M").process->pid == 2);
  say("two", {});
  CHECK_FALSE(sim.manager("M").process);
  say("one", 9); // superseded
  CHECK_FALSE(sim.manager("M").process);
  sim.pass(6);
  say("one", {});
  CHECK_FALSE(sim.manager("M").process); // of a life that was superseded nothing is kept
  say("one", 2);
  CHECK(sim.manager("M").process->pid == 2);
}

TEST_CASE("a wildcard endpoint is stored as the peer's address, and said") {
  Simulated sim;
  auto reply = sim.add("M", "A", {}, "tcp://*:7");
  CHECK(std::get<protocol::RegistrationOk>(reply).actor_endpoint == "tcp://10.0.0.9:7");
  CHECK(sim.look("A").endpoint == "tcp://10.0.0.9:7");
  sim.address = "127.0.0.1";
  sim.events();
  reply = sim.add("M", "B", {}, "tcp://*:7");
  CHECK(std::get<protocol::RegistrationOk>(reply).local_only);
  CHECK(sim.events() == "registered:M/B local_only:M/B");
}
