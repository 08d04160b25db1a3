#pragma once

#include <cstdint>

namespace registry_core {

/// Nanoseconds.
using Nanos = std::int64_t;
inline constexpr Nanos nanos_per_second = 1'000'000'000;

/// The time that managers are measured by. It follows the monotonic clock, yet a registry that did not run
/// does not hold its own silence against them: it advances by at most 250 ms a round, and a gap of over 1 s
/// is a stall.
class LivenessClock {
public:
  static constexpr Nanos longest_step = nanos_per_second / 4;
  static constexpr Nanos stall = nanos_per_second;

  explicit LivenessClock(Nanos monotonic) noexcept : seen_(monotonic) {}

  /// Once a loop round, before its requests. Rounds must come at least every 250 ms while nothing is wrong,
  /// or this time falls behind. \returns whether the gap since the round before was a stall: then whatever
  /// was online at now() before this call has a full timeout again.
  bool advance(Nanos monotonic) noexcept;

  /// On a scale of its own, from 0.
  [[nodiscard]] Nanos now() const noexcept { return now_; }

private:
  Nanos seen_;
  Nanos now_ = 0;
};

} // namespace registry_core
