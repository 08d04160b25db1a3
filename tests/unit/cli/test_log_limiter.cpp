#include "cli/log_limiter.hpp"

#include <doctest/doctest.h>

namespace cli {
namespace {

using namespace std::chrono_literals;

constexpr LogLimiter::Clock::time_point start{};

int admitted(LogLimiter& limiter, const std::string& kind, int tries, LogLimiter::Clock::time_point now) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    count += limiter.admits(kind, now) ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("of a crowd so many messages are written, and then so many a second") {
  LogLimiter limiter;
  CHECK(admitted(limiter, "offline", 5000, start) == 100);
  CHECK(admitted(limiter, "offline", 5000, start + 1s) == 20);
  CHECK(admitted(limiter, "offline", 5000, start + 1s) == 0);
  CHECK(admitted(limiter, "offline", 5000, start + 1500ms) == 10);
}

TEST_CASE("rest fills a crowd's measure again, and no more than that") {
  LogLimiter limiter;
  CHECK(admitted(limiter, "offline", 5000, start) == 100);
  CHECK(admitted(limiter, "offline", 5000, start + 1h) == 100);
}

TEST_CASE("one kind of message costs another nothing") {
  LogLimiter limiter;
  CHECK(admitted(limiter, "offline", 5000, start) == 100);
  CHECK(limiter.admits("store_failed", start));
}

TEST_CASE("what was left out is counted, and said once after 10 s") {
  LogLimiter limiter;
  admitted(limiter, "offline", 150, start);
  admitted(limiter, "online", 100, start);
  CHECK(limiter.report(start + 9999ms).empty());
  const auto said = limiter.report(start + 10s);
  REQUIRE(said.size() == 1);
  CHECK(said[0].kind == "offline");
  CHECK(said[0].count == 50);
  CHECK(limiter.report(start + 20s).empty());
}

TEST_CASE("the next that is left out begins 10 s of its own") {
  LogLimiter limiter;
  admitted(limiter, "offline", 101, start);
  CHECK(limiter.report(start + 10s).size() == 1);
  admitted(limiter, "offline", 107, start + 15s);
  CHECK(limiter.report(start + 24s).empty());
  const auto said = limiter.report(start + 25s);
  REQUIRE(said.size() == 1);
  CHECK(said[0].count == 7);
}

TEST_CASE("at the end all of it is said, due or not") {
  LogLimiter limiter;
  admitted(limiter, "offline", 101, start);
  const auto said = limiter.report(start, true);
  REQUIRE(said.size() == 1);
  CHECK(said[0].count == 1);
}

} // namespace cli
