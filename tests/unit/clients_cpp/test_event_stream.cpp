#include "clients/cpp/src/event_stream.hpp"

#include "clients/cpp/src/connection.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace actors::registry;
using namespace std::chrono_literals;

namespace {

std::string tick(const char* run, int seq) {
  return Json{{"run", run}, {"seq", seq}, {"epoch", "e"}, {"time", "t"}, {"event", "tick"}}.dump();
}

/// What there is to tell, shortly: a number for an event, a word for a mark.
std::string told(EventStream& stream) {
  std::string text;
  while (stream.has_next()) {
    const auto next = stream.take_next();
    if (!text.empty()) text += ' ';
    if (const auto* event = std::get_if<RegistryEvent>(&next)) text += std::to_string(event->seq);
    if (const auto* mark = std::get_if<ListAgain>(&next)) {
      const std::initializer_list<const char*> words = {"subscribed", "lost", "restarted", "silent"};
      text += words.begin()[static_cast<int>(mark->why)];
    }
  }
  return text;
}

} // namespace

TEST_CASE("the first event says that nothing is missed from now on") {
  EventStream stream(true);
  CHECK(told(stream).empty());
  stream.arrived(tick("r", 7));
  stream.arrived(tick("r", 8));
  CHECK(told(stream) == "subscribed 7 8");
}

TEST_CASE("a number that is left out, and one that comes again, mean to list again") {
  EventStream stream(true);
  stream.arrived(tick("r", 1));
  stream.arrived(tick("r", 3));
  stream.arrived(tick("r", 4));
  stream.arrived(tick("r", 2));
  CHECK(told(stream) == "subscribed 1 lost 3 4 lost 2");
}

TEST_CASE("with topics, numbers are left out that others are told") {
  EventStream stream(false);
  stream.arrived(tick("r", 1));
  stream.arrived(tick("r", 30));
  stream.arrived(tick("s", 31));
  CHECK(told(stream) == "subscribed 1 30 restarted 31");
}

TEST_CASE("another run means to list again, whatever its numbers") {
  EventStream stream(true);
  stream.arrived(tick("r", 1));
  stream.arrived(tick("s", 2));
  stream.arrived(tick("s", 3));
  CHECK(told(stream) == "subscribed 1 restarted 2 3");
}

TEST_CASE("three seconds without a tick are said once, and their end too") {
  EventStream stream(true);
  stream.arrived(tick("r", 1));
  CHECK(told(stream) == "subscribed 1");
  for (int i = 0; i < 5; ++i)
    stream.waited(500ms);
  CHECK(told(stream).empty());
  stream.waited(500ms);
  CHECK(told(stream) == "silent");
  CHECK(stream.silent());
  for (int i = 0; i < 20; ++i)
    stream.waited(500ms);
  CHECK(told(stream).empty());
  SUBCASE("of the same run") {
    stream.arrived(tick("r", 2));
    CHECK(told(stream) == "subscribed 2");
  }
  SUBCASE("with a gap") {
    stream.arrived(tick("r", 9));
    CHECK(told(stream) == "lost 9");
  }
  SUBCASE("of another") {
    stream.arrived(tick("s", 1));
    CHECK(told(stream) == "restarted 1");
  }
  CHECK_FALSE(stream.silent());
}

TEST_CASE("waiting counts from the last event on") {
  EventStream stream(true);
  stream.waited(2900ms);
  stream.arrived(tick("r", 1));
  stream.waited(2900ms);
  CHECK(told(stream) == "subscribed 1");
}

TEST_CASE("what is no event is passed over, and its number is missed") {
  EventStream stream(true);
  stream.arrived(tick("r", 1));
  for (const char* text : {"", "nonsense", "[]", "{}", R"({"run":"r","seq":"2","event":"tick"})",
                           R"({"run":"r","seq":2,"event":"online","manager_id":7})"})
    stream.arrived(text);
  stream.arrived(tick("r", 3));
  CHECK(told(stream) == "subscribed 1 lost 3");
}

TEST_CASE("an event has what its message has") {
  EventStream stream(true);
  stream.arrived(R"({"run":"r","seq":4,"epoch":"e","time":"2026-01-02T03:04:05.678Z","event":"offline",)"
                 R"("manager_id":"M","expected":true,"reason":"planned","later_field":[1]})");
  stream.take_next();
  const auto event = std::get<RegistryEvent>(stream.take_next());
  CHECK(event.event == "offline");
  CHECK(event.run == "r");
  CHECK(event.seq == 4);
  CHECK(event.epoch == "e");
  CHECK(event.time == "2026-01-02T03:04:05.678Z");
  CHECK(event.manager_id == "M");
  CHECK(event.actor_name.empty());
  CHECK(event.expected);
  CHECK(event.reason == "planned");
}
