#include "cli/event_lines.hpp"

#include <doctest/doctest.h>

namespace cli {
namespace {

using actors::registry::ListAgain;
using actors::registry::RegistryEvent;

RegistryEvent of_manager(const std::string& word) {
  RegistryEvent event;
  event.event = word;
  event.run = "r";
  event.seq = 7;
  event.epoch = "e";
  event.time = "T";
  event.manager_id = "M";
  return event;
}

RegistryEvent of_actor(const std::string& word) {
  auto event = of_manager(word);
  event.actor_name = "A";
  event.endpoint = "tcp://h:1";
  return event;
}

} // namespace

TEST_CASE("a change is a line: when, what, and whom it is about") {
  CHECK(event_line(of_manager("online"), false) == "T  online            manager M\n");
  CHECK(event_line(of_actor("registered"), false) == "T  registered        actor A of M at tcp://h:1\n");
  CHECK(event_line(of_actor("endpoint_changed"), false) ==
        "T  endpoint_changed  actor A of M at tcp://h:1\n");
  auto taken = of_actor("taken_over");
  taken.from_manager_id = "N";
  CHECK(event_line(taken, false) == "T  taken_over        actor A of M at tcp://h:1, taken from N\n");
  auto superseded = of_manager("superseded");
  superseded.instance = "i";
  CHECK(event_line(superseded, false) == "T  superseded        manager M, by instance i\n");
}

TEST_CASE("what was expected is told with its reason, and is no alarm") {
  auto offline = of_manager("offline");
  CHECK(event_line(offline, true) == "T  \x1b[31moffline\x1b[0m           manager M\n");
  offline.expected = true;
  CHECK(event_line(offline, false) == "T  offline           manager M, expected\n");
  offline.reason = "actorsctl stop by ops@ctl";
  CHECK(event_line(offline, true) ==
        "T  \x1b[2moffline\x1b[0m           manager M, expected: actorsctl stop by ops@ctl\n");
}

TEST_CASE("words that are not known yet and texts from outside do no harm") {
  auto event = of_manager("a_word_that_is_longer_than_any");
  event.reason = "x\x1b[2J\n";
  CHECK(event_line(event, false) == "T  a_word_that_is_longer_than_any  manager M: x\\x1b[2J\\x0a\n");
}

TEST_CASE("as JSON an event has what it has") {
  CHECK(event_json(of_actor("registered")).dump() ==
        R"({"time":"T","event":"registered","actor_name":"A","manager_id":"M","endpoint":"tcp://h:1",)"
        R"("run":"r","seq":7,"epoch":"e"})");
  CHECK(event_json(of_manager("offline")).dump() ==
        R"({"time":"T","event":"offline","manager_id":"M","expected":false,"run":"r","seq":7,"epoch":"e"})");
}

TEST_CASE("each gap has its word") {
  CHECK(gap_word(ListAgain::Why::lost) == "lost");
  CHECK(gap_word(ListAgain::Why::restarted) == "restarted");
  CHECK(gap_word(ListAgain::Why::silent) == "silent");
  CHECK(gap_word(ListAgain::Why::subscribed) == "heard");
}

} // namespace cli
