#include "registry_core/liveness_clock.hpp"

#include <algorithm>

namespace registry_core {

bool LivenessClock::advance(Nanos monotonic) noexcept {
  const Nanos gap = std::max<Nanos>(monotonic - seen_, 0);
  seen_ = std::max(seen_, monotonic);
  now_ += std::min(gap, longest_step);
  return gap > stall;
}

} // namespace registry_core
