#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

namespace {

/// Four managers, heard at the same time, under a guard of a half.
struct Guarded : Simulated {
  Guarded() : Simulated(options()) {
    for (const char* manager : {"M1", "M2", "M3", "M4"})
      add(manager, std::string("A-") + manager);
    events();
  }
  static RegistryOptions options() {
    RegistryOptions options;
    options.mass_timeout_guard = 0.5;
    options.guard_max = 20 * nanos_per_second;
    return options;
  }
  void hear(std::initializer_list<const char*> managers) {
    for (const char* manager : managers)
      beat(manager);
  }
};

} // namespace

TEST_CASE("a share that is not above the guard goes offline") {
  Guarded sim;
  sim.pass(5);
  sim.hear({"M1", "M2"});
  sim.pass(2);
  sim.expire();
  CHECK(sim.events() == "offline:M3 offline:M4");
  CHECK_FALSE(sim.registry.take_guard_trip());
  CHECK_FALSE(sim.online("A-M3"));
}

TEST_CASE("a share above it is suspect, reads as online, and cannot be taken from") {
  Guarded sim;
  sim.pass(5);
  sim.hear({"M1"});
  sim.pass(2);
  sim.expire();
  CHECK(sim.events() == "suspect:M2 suspect:M3 suspect:M4");
  const auto trip = sim.registry.take_guard_trip();
  REQUIRE(trip);
  CHECK(trip->silent == 3);
  CHECK(trip->online == 4);
  CHECK(sim.look("A-M2").online);
  CHECK(sim.look("A-M2").suspect);
  CHECK_FALSE(sim.look("A-M1").suspect);
  CHECK(sim.manager("M2").suspect);
  CHECK(sim.registry.counts().managers_online == 4);
  CHECK(sim.registry.counts().managers_suspect == 3);
  CHECK(failure(sim.add("M1", "A-M2")).code == protocol::ErrorCode::taken);
}

TEST_CASE("a suspect that is heard is none any more, and nobody was offline") {
  Guarded sim;
  sim.pass(7);
  sim.expire();
  sim.events();
  sim.hear({"M1"});
  CHECK(sim.events() == "online:M1");
  CHECK_FALSE(sim.look("A-M1").suspect);
  CHECK(sim.registry.counts().managers_suspect == 3);
}

TEST_CASE("a suspect that stays silent is offline when the guard's time is over") {
  Guarded sim;
  sim.pass(7);
  sim.expire();
  sim.events();
  sim.pass(19.9);
  sim.expire();
  CHECK(sim.events().empty());
  sim.pass(0.2);
  sim.expire();
  CHECK(sim.events() == "offline:M1 offline:M2 offline:M3 offline:M4");
  CHECK(sim.registry.counts().managers_online == 0);
  CHECK(sim.registry.counts().managers_suspect == 0);
}

TEST_CASE("with a guard only the check concludes a timeout") {
  Guarded sim;
  sim.pass(6.5);
  CHECK(sim.online("A-M1"));
  sim.expire();
  CHECK(sim.look("A-M1").suspect);
}

TEST_CASE("a check that goes in slices decides once") {
  Guarded sim;
  sim.pass(7);
  while (sim.registry.expire(sim.time(), 1)) {
  }
  CHECK(sim.events() == "suspect:M1 suspect:M2 suspect:M3 suspect:M4");
}
