#include "registry_core/security/rate_limiter.hpp"

#include <doctest/doctest.h>

#include <string>

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

/// A measure of 10,000 a slice holds up to a few samples.
bool is_about(int admitted, int measure) {
  return admitted >= measure && admitted <= measure + 64;
}

} // namespace

TEST_CASE("as long as all together are within one's measure, nobody is told apart") {
  RateLimiter limiter(100'000);
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(limiter.is_quiet(5));
  bool asked = false;
  for (int i = 0; i < 64; ++i)
    asked = asked || !limiter.is_quiet(5);
  CHECK(asked);
}

TEST_CASE("a crowd is bounded peer by peer, and a quiet peer is not") {
  RateLimiter limiter(100'000);
  CHECK(
      is_about(admitted(limiter, 0, "a", 100'000), 20'000)); // the first slice is told apart when it is full
  CHECK(is_about(admitted(limiter, slice, "a", 100'000), 10'000));
  CHECK(admitted(limiter, slice, "b", 5000) == 5000);
  CHECK(is_about(admitted(limiter, 2 * slice, "b", 100'000), 10'000));
}

TEST_CASE("many peers within their measure are told apart by samples alone") {
  RateLimiter limiter(100'000);
  admitted(limiter, 0, "a", 20'000);
  int asked = 0;
  for (int i = 0; i < 32'000; ++i) {
    if (limiter.is_quiet(slice)) continue;
    ++asked;
    CHECK(limiter.admits(std::to_string(i / 16 % 4)));
  }
  CHECK(asked == 2000);
}

TEST_CASE("a slice of calm ends it") {
  RateLimiter limiter(100'000);
  admitted(limiter, 0, "a", 100'000);
  CHECK(admitted(limiter, slice, "a", 5000) == 5000);
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(limiter.is_quiet(2 * slice));
}

TEST_CASE("a measure that is changed holds from then on, and is never nothing at all") {
  RateLimiter limiter(100'000);
  limiter.change(10);
  CHECK(admitted(limiter, 0, "a", 10) == 2);
  CHECK(admitted(limiter, slice, "a", 10) == 1);
  limiter.change(100'000);
  CHECK(admitted(limiter, 2 * slice, "a", 10) == 10);
}
