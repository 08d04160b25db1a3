#include "clients/cpp/src/notices.hpp"

#include <doctest/doctest.h>
#include <stdexcept>
#include <vector>

using namespace actors::registry;

TEST_CASE("each function hears of what it asked for, and what it throws is dropped") {
  Notices notices("M");
  std::vector<std::string> heard;
  notices.on_notice([&](const Notice& notice) {
    heard.push_back(notice.text);
    throw std::runtime_error("no matter");
  });
  notices.on_superseded([&] {
    heard.emplace_back("<superseded>");
    throw 7;
  });
  notices.on_lost([&](const std::string& name) { heard.push_back("<lost " + name + ">"); });
  notices.say(superseded_notice());
  notices.say(lost_notice("A", "'A' is N's"));
  notices.say(registered_again_notice(1));
  notices.say(registered_again_notice(2));
  notices.say(silent_notice("tcp://h:1"));
  CHECK(heard == std::vector<std::string>{"superseded: a newer instance of this manager is running",
                                          "<superseded>", "lost: 'A' is N's", "<lost A>",
                                          "registered again: 1 actor", "registered again: 2 actors",
                                          "registry tcp://h:1 does not answer heartbeats"});
}
