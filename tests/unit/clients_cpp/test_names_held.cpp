#include "clients/cpp/src/names_held.hpp"

#include <doctest/doctest.h>

using namespace actors::registry;

namespace {

Json ack(const char* epoch, int actors) {
  return {{"message_type", "HeartbeatAck"}, {"epoch", epoch}, {"actors", actors}};
}
Json ok(const char* epoch, int actors) {
  return {{"message_type", "RegistrationOk"}, {"epoch", epoch}, {"actors", actors}};
}

struct Held {
  Held() {
    names.registered("A", "tcp://h:1", ok("e", 1));
    names.registered("B", "tcp://h:2", ok("e", 2));
    names.heartbeat_sent();
  }
  NamesHeld names;
};

} // namespace

TEST_CASE_FIXTURE(Held, "nothing is repaired while the registry counts what it acknowledged") {
  CHECK(names.heartbeat_acknowledged(ack("e", 2)).empty());
  CHECK_FALSE(names.needs_repair());
}

TEST_CASE_FIXTURE(Held, "everything is registered again when the epoch changed or the count is too low") {
  SUBCASE("epoch") {
    names.heartbeat_acknowledged(ack("f", 2));
  }
  SUBCASE("count") {
    names.heartbeat_acknowledged(ack("e", 1));
  }
  SUBCASE("epoch, seen by a registration") {
    names.registered("C", "tcp://h:3", ok("f", 1));
  }
  REQUIRE(names.needs_repair());
  CHECK(names.next_to_repair()->first == "A");
  CHECK(names.repaired("A", ok("f", 1)).empty());
  CHECK(names.next_to_repair() == std::pair<std::string, std::string>("B", "tcp://h:2"));
  CHECK(names.repaired("B", ok("f", 2)).empty());
  CHECK_FALSE(names.next_to_repair());
  CHECK(names.end_repair() == 2);
  CHECK_FALSE(names.needs_repair());
}

TEST_CASE_FIXTURE(Held, "an acknowledgement from before a registration is no loss") {
  names.registered("C", "tcp://h:3", ok("e", 3));
  names.heartbeat_acknowledged(ack("e", 2));
  CHECK_FALSE(names.needs_repair());
}

TEST_CASE_FIXTURE(Held, "what is lost is said once and not taken back") {
  auto reply = ack("e", 1);
  reply["lost"] = {"A", "unheard of"};
  CHECK(names.heartbeat_acknowledged(reply).size() == 1);
  CHECK(names.heartbeat_acknowledged(reply).empty());
  CHECK_FALSE(names.needs_repair());
  CHECK_FALSE(names.holds("A"));
}

TEST_CASE_FIXTURE(Held, "a name that is given up is not registered again") {
  names.heartbeat_acknowledged(ack("f", 0));
  names.given_up("A");
  CHECK(names.next_to_repair()->first == "B");
  names.given_up("B");
  CHECK_FALSE(names.next_to_repair());
}

TEST_CASE_FIXTURE(Held, "a name that another manager has by now is let go") {
  names.heartbeat_acknowledged(ack("f", 0));
  const Json refusal = {{"message_type", "RegistrationFailed"}, {"reason", "taken by M"}, {"code", "taken"}};
  CHECK(names.repaired("A", refusal) == "lost: 'A' can't be registered again: taken by M");
  CHECK_FALSE(names.holds("A"));
}

TEST_CASE_FIXTURE(Held, "a superseded life repairs nothing, and goes on where it is current again") {
  auto reply = ack("e", 0);
  reply["superseded"] = true;
  CHECK(names.heartbeat_acknowledged(reply).size() == 1);
  CHECK(names.heartbeat_acknowledged(reply).empty());
  CHECK_FALSE(names.needs_repair());
  names.heartbeat_acknowledged(ack("e", 0));
  CHECK(names.needs_repair());
}
