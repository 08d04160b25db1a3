#pragma once

#include "registry_core/liveness_clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace registry_core {

/// Bounds the messages of each peer in a second, counted in slices of 100 ms. As long as all peers together
/// stay within the measure of one, nobody is told apart, and a message costs one comparison. Pure: time is
/// passed in. One thread.
class RateLimiter {
public:
  static constexpr Nanos slice = nanos_per_second / 10;

  explicit RateLimiter(std::uint64_t most_a_second) { change(most_a_second); }
  void change(std::uint64_t most_a_second) noexcept;

  /// Counts a message. \returns false where its peer must be known: then ask admits().
  bool is_quiet(Nanos monotonic) {
    if (monotonic - slice_began_ >= slice) begin_slice(monotonic);
    ++all_;
    return (!watching_ && all_ <= most_) || (!any_beyond_ && all_ % sample_ != 0);
  }
  /// Counts it for its peer. \returns whether that one is within its measure.
  bool admits(std::string_view peer);

private:
  void begin_slice(Nanos monotonic);

  std::uint64_t most_ = 0; ///< of a slice
  Nanos slice_began_ = INT64_MIN / 2;
  std::uint64_t all_ = 0;
  std::uint64_t sample_ = 1; ///< every so manieth message
  bool any_beyond_ = false;
  bool watching_ = false;                                  ///< this slice began while peers were told apart
  std::unordered_map<std::string, std::uint64_t> by_peer_; ///< of this slice
};

} // namespace registry_core
