#include "registry_core/security/rate_limiter.hpp"

#include <algorithm>

namespace registry_core {

void RateLimiter::change(std::uint64_t most_a_second) noexcept {
  constexpr std::uint64_t slices_a_second = nanos_per_second / slice;
  most_ = std::max<std::uint64_t>(1, most_a_second / slices_a_second);
}

/// A crowd that goes on is told apart from the beginning of each slice; one slice of calm ends that.
void RateLimiter::begin_slice(Nanos monotonic) {
  watching_ = all_ > most_;
  slice_began_ = monotonic;
  all_ = 0;
  by_peer_.clear();
}

bool RateLimiter::admits(std::string_view peer) {
  return ++by_peer_[std::string(peer)] <= most_;
}

} // namespace registry_core
