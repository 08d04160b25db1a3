#include "systemd_units/time_span.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using std::chrono::microseconds;
using systemd_units::parse_time_span;

// The pairs are what systemd 252 printed for the numbers it held.
TEST_CASE("parse_time_span: as systemd prints them") {
  CHECK(parse_time_span("infinity") == std::nullopt);
  CHECK(parse_time_span("0") == microseconds(0));
  CHECK(parse_time_span("1us") == microseconds(1));
  CHECK(parse_time_span("1.500ms") == microseconds(1'500));
  CHECK(parse_time_span("999ms") == microseconds(999'000));
  CHECK(parse_time_span("1.000001s") == microseconds(1'000'001));
  CHECK(parse_time_span("59.999000s") == microseconds(59'999'000));
  CHECK(parse_time_span("1min 30s") == microseconds(90'000'000));
  CHECK(parse_time_span("1min 1.500000s") == microseconds(61'500'000));
  CHECK(parse_time_span("1h 1s") == microseconds(3'601'000'000));
  CHECK(parse_time_span("1w 1d") == microseconds(691'200'000'000));
  CHECK(parse_time_span("1month 4d 13h 30min") == microseconds(3'024'000'000'000));
  CHECK(parse_time_span("1y 1month 4d 7h 30min") == microseconds(34'560'000'000'000));
  CHECK(parse_time_span("100y") == microseconds(3'155'760'000'000'000));
}

TEST_CASE("parse_time_span: what is none") {
  for (const std::string text :
       {"", " ", "s", "1", "1 s", "-1s", "1s,", "1minute", "1min  30s", ".5s", "99999999999999999999s",
        "9223372036854775807y", "300000y 300000y", "Infinity"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_time_span(text), std::invalid_argument);
  }
}
