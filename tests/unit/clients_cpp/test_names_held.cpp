#include "clients/cpp/src/names_held.hpp"

#include "clients/cpp/src/request_texts.hpp"

#include <doctest/doctest.h>

using namespace actors::registry;

namespace {

Json ack(const char* epoch, int actors) {
  return {{"message_type", "HeartbeatAck"}, {"epoch", epoch}, {"actors", actors}};
}
Json ok(const char* epoch, int actors) {
  return {{"message_type", "RegistrationOk"}, {"epoch", epoch}, {"actors", actors}};
}

/// The names of a repair's request.
std::vector<std::string> names_in(const std::vector<ActorAddress>& actors) {
  std::vector<std::string> names;
  for (const ActorAddress& actor : actors)
    names.push_back(actor.actor_name);
  return names;
}
/// As a request has them.
std::string written(const std::vector<ActorAddress>& actors) {
  std::string text;
  for (const ActorAddress& actor : actors)
    text += address_text(actor.actor_name, actor.actor_endpoint) + ",";
  return text;
}
Json results(const Json& results) {
  return {{"message_type", "RegistrationResults"}, {"epoch", "f"}, {"actors", 2}, {"results", results}};
}
Json good(const char* name) {
  return {{"actor_name", name}, {"ok", true}};
}
Json bad(const char* name, const char* code, const char* reason) {
  return {{"actor_name", name}, {"ok", false}, {"code", code}, {"reason", reason}};
}
using Names = std::vector<std::string>;
using Lines = std::vector<std::string>;

Lines texts(const std::vector<Notice>& notices) {
  Lines lines;
  for (const Notice& notice : notices)
    lines.push_back(notice.text);
  return lines;
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
  const auto actors = names.next_to_repair(200);
  CHECK(names_in(actors) == Names{"A", "B"});
  CHECK(actors[1].actor_endpoint == "tcp://h:2");
  const auto repaired = names.repaired(actors, results({good("A"), good("B")}));
  CHECK(repaired.notices.empty());
  CHECK(repaired.go_on);
  CHECK(names.next_to_repair(200).empty());
  CHECK(names.end_repair() == 2);
  CHECK_FALSE(names.needs_repair());
}

TEST_CASE_FIXTURE(Held,
                  "a name given up while a heartbeat is on its way is not missed, whatever comes after it") {
  names.given_up("A");
  names.registered("C", "tcp://h:3", ok("e", 2));
  names.heartbeat_acknowledged(ack("e", 1));
  CHECK_FALSE(names.needs_repair());
  names.heartbeat_sent();
  names.heartbeat_acknowledged(ack("e", 1));
  CHECK(names.needs_repair());
}

TEST_CASE_FIXTURE(Held, "a heartbeat amid a repair does not begin it anew, another epoch does") {
  names.heartbeat_acknowledged(ack("f", 0));
  names.repaired(names.next_to_repair(1), results(Json::array({good("A")})));
  names.heartbeat_sent();
  names.heartbeat_acknowledged(ack("f", 1));
  CHECK(names_in(names.next_to_repair(10)) == Names{"B"});
  SUBCASE("the same epoch") {
    names.repaired(names.next_to_repair(10), results(Json::array({good("B")})));
  }
  SUBCASE("another epoch") {
    names.heartbeat_sent();
    names.heartbeat_acknowledged(ack("g", 0));
    CHECK(names_in(names.next_to_repair(10)) == Names{"A", "B"});
    names.repaired(names.next_to_repair(10), results({good("A"), good("B")}));
  }
  CHECK(names.next_to_repair(10).empty());
  CHECK(names.end_repair() == 2);
}

TEST_CASE_FIXTURE(Held, "what is missing is told again while something is refused") {
  names.heartbeat_acknowledged(ack("f", 0));
  names.repaired(names.next_to_repair(2), results({good("A"), bad("B", "limit", "full")}));
  CHECK(names_in(names.next_to_repair(10)) == Names{"B"});
  names.heartbeat_sent();
  names.heartbeat_acknowledged(ack("f", 0));
  CHECK(names_in(names.next_to_repair(10)) == Names{"A", "B"});
}

TEST_CASE_FIXTURE(Held, "a registry that takes a name at a time is told one after the other") {
  names.heartbeat_acknowledged(ack("f", 0));
  CHECK(names_in(names.next_to_repair(1)) == Names{"A"});
  CHECK(names.repaired(names.next_to_repair(1), ok("f", 1)).go_on);
  CHECK(names_in(names.next_to_repair(1)) == Names{"B"});
  CHECK(names.repaired(names.next_to_repair(1), ok("f", 2)).go_on);
  CHECK(names.next_to_repair(1).empty());
  CHECK(names.end_repair() == 2);
}

TEST_CASE("what is registered again at once stays below 64 KiB") {
  NamesHeld names;
  for (int i = 0; i < 200; ++i)
    names.registered(std::to_string(i) + std::string(240, '"'), "ipc:///" + std::string(90, 'x'), ok("e", i));
  names.heartbeat_acknowledged(ack("f", 0));
  std::size_t registered = 0;
  for (auto actors = names.next_to_repair(200); !actors.empty(); actors = names.next_to_repair(200)) {
    CHECK(written(actors).size() < 56 * 1024);
    registered += actors.size();
    Json all = Json::array();
    for (const ActorAddress& actor : actors)
      all.push_back(good(actor.actor_name.c_str()));
    REQUIRE(names.repaired(actors, results(all)).go_on);
  }
  CHECK(registered == 200);
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
  CHECK(names_in(names.next_to_repair(200)) == Names{"B"});
  names.given_up("B");
  CHECK(names.next_to_repair(200).empty());
}

TEST_CASE_FIXTURE(Held, "a name that another manager has by now is let go") {
  names.heartbeat_acknowledged(ack("f", 0));
  Lines lines;
  SUBCASE("of a batch") {
    lines =
        texts(names.repaired(names.next_to_repair(200), results({bad("A", "taken", "taken by M"), good("B")}))
                  .notices);
  }
  SUBCASE("by itself") {
    const Json refusal = {
        {"message_type", "RegistrationFailed"}, {"reason", "taken by M"}, {"code", "taken"}};
    lines = texts(names.repaired(names.next_to_repair(1), refusal).notices);
  }
  CHECK(lines == Lines{"lost: 'A' can't be registered again: taken by M"});
  CHECK_FALSE(names.holds("A"));
  CHECK(names.holds("B"));
}

TEST_CASE_FIXTURE(Held, "what the registry can't take now is kept, said once, and tried again") {
  names.heartbeat_acknowledged(ack("f", 0));
  const auto refused = [&] {
    return names.repaired(names.next_to_repair(200), results({bad("A", "unavailable", "disk full"),
                                                              bad("B", "unavailable", "disk full")}));
  };
  const auto first = refused();
  CHECK(texts(first.notices) == Lines{"'A' can't be registered again for now: disk full"});
  CHECK_FALSE(first.go_on);
  CHECK(refused().notices.empty());
  CHECK(names.needs_repair());
  CHECK(names.repaired(names.next_to_repair(200), results({good("A"), good("B")})).go_on);
  CHECK(names.end_repair() == 2);
}

TEST_CASE_FIXTURE(Held, "an error about a whole batch condemns no name in it") {
  names.heartbeat_acknowledged(ack("f", 0));
  const Json error = {{"message_type", "Error"}, {"code", "too_large"}, {"error", "too large"}};
  const auto repaired = names.repaired(names.next_to_repair(200), error);
  CHECK(repaired.notices.size() == 1);
  CHECK_FALSE(repaired.go_on);
  CHECK(names.holds("A"));
  CHECK(names_in(names.next_to_repair(200)) == Names{"A", "B"});
}

TEST_CASE_FIXTURE(Held, "answers for names that were not asked for change nothing") {
  names.heartbeat_acknowledged(ack("f", 0));
  const auto repaired = names.repaired(names.next_to_repair(200), results(Json::array({good("C")})));
  CHECK_FALSE(repaired.go_on);
  CHECK(names_in(names.next_to_repair(200)) == Names{"A", "B"});
}

TEST_CASE_FIXTURE(Held, "a life that turns out to be superseded stops registering and loses nothing") {
  names.heartbeat_acknowledged(ack("f", 0));
  const auto repaired = names.repaired(
      names.next_to_repair(200), results({bad("A", "superseded", "newer"), bad("B", "superseded", "newer")}));
  CHECK(texts(repaired.notices) == Lines{"superseded: a newer instance of this manager is running"});
  CHECK_FALSE(names.needs_repair());
  CHECK(names.holds("A"));
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
