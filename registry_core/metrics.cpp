#include "registry_core/metrics.hpp"

#include <algorithm>

namespace registry_core {

void Histogram::add(Nanos time) noexcept {
  const auto* const bound = std::lower_bound(bounds.begin(), bounds.end(), time);
  ++counts_.at(static_cast<std::size_t>(bound - bounds.begin()));
  sum_ += time;
  longest_ = std::max(longest_, time);
}

} // namespace registry_core
