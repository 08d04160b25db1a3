#include "registry_core/security/rate_limiter.hpp"

#include <doctest/doctest.h>

using registry_core::Nanos;
using registry_core::RateLimiter;

namespace {

/// As a socket asks.
bool admits(RateLimiter& limiter, Nanos now, std::string_view peer) {
  return limiter.is_quiet(now) || limiter.admits(peer);
}

int admitted(RateLimiter& limiter, Nanos now, std::string_view peer, int messages) {
  int count = 0;
  for (int i = 0; i < messages; ++i)
    count += admits(limiter, now, peer) ? 1 : 0;
  return count;
}

constexpr Nanos slice = RateLimiter::slice;

} // namespace

TEST_CASE("as long as all together are within one's measure, nobody is told apart") {
  RateLimiter limiter(1000);
  for (int i = 0; i < 100; ++i)
    CHECK(limiter.is_quiet(5));
  CHECK_FALSE(limiter.is_quiet(5));
  for (int i = 0; i < 100; ++i)
    CHECK(limiter.is_quiet(5 + slice) == false); // the slice before was full
}

TEST_CASE("a crowd is bounded peer by peer, and a quiet peer is not") {
  RateLimiter limiter(1000);
  CHECK(admitted(limiter, 0, "a", 1000) == 200); // the first slice is not told apart before it is full
  CHECK(admitted(limiter, slice, "a", 1000) == 100);
  CHECK(admitted(limiter, slice, "b", 50) == 50);
  CHECK(admitted(limiter, 2 * slice, "b", 1000) == 100);
}

TEST_CASE("a slice of calm ends it") {
  RateLimiter limiter(1000);
  admitted(limiter, 0, "a", 1000);
  CHECK(admitted(limiter, slice, "a", 50) == 50);
  CHECK(limiter.is_quiet(2 * slice));
}

TEST_CASE("a measure that is changed holds from then on, and is never nothing at all") {
  RateLimiter limiter(1000);
  limiter.change(10);
  CHECK(admitted(limiter, 0, "a", 10) == 2);
  CHECK(admitted(limiter, slice, "a", 10) == 1);
  limiter.change(1'000'000);
  CHECK(admitted(limiter, 2 * slice, "a", 10) == 10);
}
