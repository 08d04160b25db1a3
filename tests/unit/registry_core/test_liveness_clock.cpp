#include "registry_core/liveness_clock.hpp"

#include <doctest/doctest.h>

using namespace registry_core;

TEST_CASE("liveness time follows the clock") {
  LivenessClock clock(5 * nanos_per_second);
  CHECK(clock.now() == 0);
  CHECK_FALSE(clock.advance(5 * nanos_per_second + 100));
  CHECK(clock.now() == 100);
}

TEST_CASE("a round advances it by 250 ms at most, and over a second is a stall") {
  LivenessClock clock(0);
  CHECK_FALSE(clock.advance(nanos_per_second));
  CHECK(clock.now() == nanos_per_second / 4);
  CHECK(clock.advance(2 * nanos_per_second + 1));
  CHECK(clock.now() == nanos_per_second / 2);
}

TEST_CASE("a clock that runs backwards moves nothing") {
  LivenessClock clock(100);
  CHECK_FALSE(clock.advance(50));
  CHECK(clock.now() == 0);
  CHECK_FALSE(clock.advance(110));
  CHECK(clock.now() == 10);
}
