#include "cli/time_argument.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

namespace cli {
namespace {

using namespace std::chrono_literals;
using Moment = std::chrono::system_clock::time_point;

/// 2026-03-01 12:30:00 in a zone two hours east of Greenwich.
const Moment now = Moment(std::chrono::seconds(1772361000));

struct Zone {
  Zone() {
    ::setenv("TZ", "XXX-2", 1);
    ::tzset();
  }
};

std::optional<std::chrono::seconds> before_now(const std::string& text) {
  const Zone zone;
  const auto moment = moment_from(text, now);
  if (!moment) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(now - *moment);
}

} // namespace

TEST_CASE("spans reach back from now") {
  CHECK(before_now("10 min ago") == 600s);
  CHECK(before_now("-2h") == 7200s);
  CHECK(before_now("1h 30min ago") == 5400s);
  CHECK(before_now("90 seconds ago") == 90s);
  CHECK(before_now("1 day ago") == 86400s);
  CHECK(before_now("now") == 0s);
}

TEST_CASE("moments are read in this machine's zone") {
  CHECK(before_now("2026-03-01 12:00") == 1800s);
  CHECK(before_now("2026-03-01T11:30:00") == 3600s);
  CHECK(before_now("2026-03-01") == 12h + 30min);
  CHECK(before_now("12:15") == 900s);
  CHECK(before_now("12:15:30") == 870s);
  CHECK(before_now("today") == 12h + 30min);
  CHECK(before_now("yesterday") == 36h + 30min);
  CHECK(before_now("@1772360000") == 1000s);
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"", " ", "ago", " ago", "-", "10", "10 ago", "10 parsecs ago", "2026-02-30",
                           "2026-13-01", "25:00", "soon", "@", "@x", "@99999999999999", "12:30 tomorrow"}) {
    CAPTURE(text);
    CHECK_FALSE(before_now(text).has_value());
  }
}

} // namespace cli
