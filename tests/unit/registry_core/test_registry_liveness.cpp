#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

TEST_CASE("a manager is online from its first message until its timeout has passed") {
  Simulated sim;
  CHECK_FALSE(sim.online("A"));
  sim.add("M", "A");
  CHECK(sim.online("A"));
  sim.pass(5.999);
  CHECK(sim.online("A"));
  sim.pass(0.001);
  CHECK_FALSE(sim.online("A"));
  CHECK(sim.look("A").endpoint == "tcp://h:1");
  CHECK(sim.look("A").manager_id == "M");
}

TEST_CASE("heartbeats keep it online and bring it back") {
  Simulated sim;
  sim.add("M", "A");
  for (int i = 0; i < 10; ++i) {
    sim.pass(5);
    CHECK(sim.beat("M").actors == 1);
    CHECK(sim.online("A"));
  }
  sim.pass(100);
  sim.expire();
  CHECK_FALSE(sim.online("A"));
  sim.beat("M");
  CHECK(sim.online("A"));
}

TEST_CASE("a lookup is exact, whether or not anybody checked") {
  Simulated sim;
  sim.add("M", "A");
  sim.pass(6);
  CHECK_FALSE(sim.online("A"));
  CHECK(sim.events() == "online:M registered:M/A");
  sim.expire();
  CHECK(sim.events() == "offline:M");
}

TEST_CASE("who was silent too long is said to have been, also if it speaks before the check") {
  Simulated sim;
  sim.add("M", "A");
  sim.events();
  sim.pass(7);
  sim.beat("M");
  CHECK(sim.events() == "offline:M online:M");
}

TEST_CASE("a heartbeat alone makes a manager known") {
  Simulated sim;
  CHECK(sim.beat("M").actors == 0);
  CHECK(sim.manager("M").online);
}

TEST_CASE("expiry goes in slices and says when there is more") {
  Simulated sim;
  for (int i = 0; i < 10; ++i)
    sim.beat("M" + std::to_string(i));
  sim.pass(6);
  CHECK(sim.registry.expire(sim.time(), 4));
  CHECK(sim.registry.counts().managers_online == 6);
  CHECK(sim.registry.expire(sim.time(), 4));
  CHECK_FALSE(sim.registry.expire(sim.time(), 4));
  CHECK(sim.registry.counts().managers_online == 0);
}

TEST_CASE("after a stall everything that was online has a full timeout, and nothing else") {
  Simulated sim;
  sim.add("early", "E");
  sim.pass(4);
  sim.add("late", "L");
  sim.pass(3); // E is offline since 1 s
  sim.stall(60);
  CHECK_FALSE(sim.online("E"));
  CHECK(sim.online("L"));
  sim.pass(5.999);
  CHECK(sim.online("L"));
  sim.pass(0.001);
  CHECK_FALSE(sim.online("L"));
}

TEST_CASE("stalls in a row each grant a timeout to those who are still online") {
  Simulated sim;
  sim.add("M", "A");
  for (int i = 0; i < 20; ++i) {
    sim.stall(10);
    sim.pass(5);
    CHECK(sim.online("A"));
  }
  sim.pass(1);
  CHECK_FALSE(sim.online("A"));
  sim.stall(10);
  CHECK_FALSE(sim.online("A"));
  sim.beat("M");
  CHECK(sim.online("A"));
}

TEST_CASE("the age is the honest one") {
  Simulated sim;
  sim.beat("M");
  sim.pass(1.5);
  sim.stall(60);
  CHECK(sim.manager("M").age_s == doctest::Approx(61.5));
  CHECK(sim.manager("M").online);
}

TEST_CASE("what stayed offline is forgotten after its time, if that is asked for") {
  RegistryOptions options;
  options.forget_offline_after = 10 * nanos_per_second;
  Simulated sim(options);
  sim.add("M", "A");
  sim.add("N", "B");
  sim.pass(6);
  sim.beat("N");
  sim.expire();
  sim.events();
  sim.pass(9.9);
  sim.expire();
  CHECK(sim.look("A").endpoint);
  sim.pass(0.1);
  sim.expire();
  CHECK_FALSE(sim.look("A").endpoint);
  CHECK(sim.look("B").endpoint);
  CHECK(sim.registry.counts().managers == 1);
  CHECK(sim.events() == "offline:N forgotten:M/A forgotten:M");
}

TEST_CASE("names of a superseded life are forgotten though their manager is online") {
  RegistryOptions options;
  options.forget_offline_after = 10 * nanos_per_second;
  Simulated sim(options);
  sim.add("M", "A", "one");
  sim.add("M", "B", "one");
  sim.add("M", "C", "two");
  sim.add("M", "B", "two");
  for (int i = 0; i < 5; ++i) {
    sim.pass(2);
    sim.beat("M", "two");
    sim.expire();
  }
  CHECK_FALSE(sim.look("A").endpoint);
  CHECK(sim.online("B"));
  CHECK(sim.online("C"));
}

TEST_CASE("without that nothing is ever forgotten") {
  Simulated sim;
  sim.add("M", "A");
  sim.pass(1e6);
  sim.expire();
  CHECK(sim.look("A").endpoint);
}
