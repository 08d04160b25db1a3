#include "registry_core/security/rate_limiter.hpp"

#include <algorithm>

namespace registry_core {

void RateLimiter::change(std::uint64_t most_a_second) noexcept {
  constexpr std::uint64_t slices_a_second = nanos_per_second / slice;
  constexpr std::uint64_t samples = 16; ///< that a peer within its measure has at least
  most_ = std::max<std::uint64_t>(1, most_a_second / slices_a_second);
  sample_ = std::clamp<std::uint64_t>(most_ / samples, 1, samples);
}

/// A crowd that goes on is told apart from the beginning of each slice; one slice of calm ends that.
void RateLimiter::begin_slice(Nanos monotonic) {
  watching_ = all_ > most_;
  slice_began_ = monotonic;
  all_ = 0;
  any_beyond_ = false;
  by_peer_.clear();
}

bool RateLimiter::admits(std::string_view peer) {
  std::uint64_t& count = by_peer_[std::string(peer)];
  count += any_beyond_ ? 1 : sample_;
  if (count <= most_) return true;
  any_beyond_ = true;
  return false;
}

} // namespace registry_core
