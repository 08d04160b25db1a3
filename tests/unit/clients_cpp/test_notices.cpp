#include "clients/cpp/src/notices.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <unistd.h>
#include <vector>

using namespace actors::registry;

namespace {

/// What a call writes to stderr.
template<typename Call>
std::string written_to_stderr(Call call) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file);
  std::fflush(stderr);
  const int before = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  call();
  std::fflush(stderr);
  dup2(before, STDERR_FILENO);
  close(before);
  std::rewind(file);
  std::array<char, 500> text{};
  const std::size_t length = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  return {text.data(), length};
}

} // namespace

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
                                          "registry tcp://h:1 does not acknowledge heartbeats"});
}

TEST_CASE(
    "without a function for them notices are lines on stderr; one that does nothing switches that off") {
  Notices notices("M");
  int superseded = 0;
  notices.on_superseded([&] { ++superseded; });
  const auto say = [&] { notices.say(superseded_notice()); };
  const std::string line = "manager M: superseded: a newer instance of this manager is running\n";
  CHECK(written_to_stderr(say) == line);
  notices.on_notice([](const Notice&) {});
  CHECK(written_to_stderr(say).empty());
  notices.on_notice(nullptr);
  CHECK(written_to_stderr(say) == line);
  CHECK(superseded == 3);
}
