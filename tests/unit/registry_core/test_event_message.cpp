#include "registry_core/event_message.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <utility>

using namespace registry_core;
using nlohmann::json;

namespace {

constexpr std::int64_t nanos_per_ms = 1'000'000;

Event event_of(Event::Kind kind, std::string manager = {}, std::string actor = {}) {
  Event event;
  event.kind = kind;
  event.seq = 5;
  event.manager_id = std::move(manager);
  event.actor_name = std::move(actor);
  return event;
}

json written(const Event& event, std::int64_t time = 0) {
  return json::parse(event_message(event, "r1", "e1", time));
}
std::string time_of(std::int64_t nanos) {
  return written(event_of(Event::Kind::tick), nanos).at("time");
}

} // namespace

TEST_CASE("an event's topic is what it is about") {
  CHECK(topic_of(event_of(Event::Kind::registered, "M", "Order/1")) == "actor/Order/1");
  CHECK(topic_of(event_of(Event::Kind::forgotten, "M", "A")) == "actor/A");
  CHECK(topic_of(event_of(Event::Kind::forgotten, "M")) == "manager/M");
  CHECK(topic_of(event_of(Event::Kind::offline, "M")) == "manager/M");
  CHECK(topic_of(event_of(Event::Kind::tick)) == "registry/tick");
}

TEST_CASE("an event has its run, number, epoch, time and word, and the names it is about") {
  Event registered = event_of(Event::Kind::registered, "M", "A\"");
  registered.endpoint = "tcp://h:1";
  CHECK(event_message(registered, "r1", "e1", 1'764'000'000'123'456'789) ==
        R"({"run":"r1","seq":5,"epoch":"e1","time":"2025-11-24T16:00:00.123Z","event":"registered",)"
        R"("actor_name":"A\"","manager_id":"M","endpoint":"tcp://h:1"})");
  Event taken = event_of(Event::Kind::taken_over, "N", "A");
  taken.from_manager = "M";
  CHECK(written(taken)["from_manager_id"] == "M");
  Event superseded = event_of(Event::Kind::superseded, "M");
  superseded.instance = "two";
  CHECK(written(superseded)["instance"] == "two");
  CHECK(written(event_of(Event::Kind::tick)) == json{{"run", "r1"},
                                                     {"seq", 5},
                                                     {"epoch", "e1"},
                                                     {"time", "1970-01-01T00:00:00.000Z"},
                                                     {"event", "tick"}});
}

TEST_CASE("whether it was expected is said of offline and goodbye alone, and why only where it was") {
  CHECK(written(event_of(Event::Kind::offline, "M"))["expected"] == false);
  CHECK(written(event_of(Event::Kind::goodbye, "M"))["expected"] == false);
  CHECK_FALSE(written(event_of(Event::Kind::online, "M")).contains("expected"));
  Event expected = event_of(Event::Kind::offline, "M");
  expected.expected = true;
  CHECK_FALSE(written(expected).contains("reason"));
  expected.reason = "update";
  CHECK(written(expected)["expected"] == true);
  CHECK(written(expected)["reason"] == "update");
}

TEST_CASE("the time is UTC to the millisecond, cut and not rounded") {
  CHECK(time_of(999'999) == "1970-01-01T00:00:00.000Z");
  CHECK(time_of(7 * nanos_per_ms) == "1970-01-01T00:00:00.007Z");
  CHECK(time_of(951'782'400'000 * nanos_per_ms) == "2000-02-29T00:00:00.000Z");
  CHECK(time_of(4'102'444'799'999 * nanos_per_ms) == "2099-12-31T23:59:59.999Z");
}
