#include "clients/cpp/src/repetition.hpp"

#include <algorithm>

namespace actors::registry {

namespace {

constexpr Clock::duration longest_first_interval = std::chrono::seconds(1);
constexpr int shares = 5;

} // namespace

Repetition::Repetition(Repeat repeat, Clock::time_point now, Clock::time_point deadline)
    : interval_(std::min((deadline - now) / shares, longest_first_interval)),
      next_(repeat == Repeat::yes ? now + interval_ : Clock::time_point::max()) {}

bool Repetition::is_due(Clock::time_point now) noexcept {
  if (now < next_) return false;
  begun_ = true;
  interval_ *= 2;
  next_ = now + interval_;
  return true;
}

} // namespace actors::registry
