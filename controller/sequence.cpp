#include "controller/sequence.hpp"

#include <algorithm>

namespace controller {

Sequence::Sequence(Operation operation, std::span<const Chosen> chosen) {
  for (const auto& one : chosen)
    steps_.push_back({one.manager->id, {}, std::nullopt});
  for (std::size_t later = 0; later < chosen.size(); ++later)
    for (const auto& id : chosen[later].manager->after) {
      const auto found =
          std::find_if(steps_.begin(), steps_.end(), [&](const auto& step) { return step.id == id; });
      if (found == steps_.end()) continue;
      const auto earlier = static_cast<std::size_t>(found - steps_.begin());
      if (operation == Operation::stop)
        steps_[earlier].waits_for.push_back(later);
      else
        steps_[later].waits_for.push_back(earlier);
    }
}

bool Sequence::orders_any() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const auto& step) { return !step.waits_for.empty(); });
}

Sequence::Turn Sequence::turn(std::size_t position) {
  const std::lock_guard lock(mutex_);
  auto turn = Turn::now;
  for (const auto other : steps_[position].waits_for) {
    if (!steps_[other].succeeded)
      turn = Turn::later;
    else if (!*steps_[other].succeeded)
      return Turn::never;
  }
  return turn;
}

std::string Sequence::blocked_by(std::size_t position) {
  const std::lock_guard lock(mutex_);
  for (const auto other : steps_[position].waits_for)
    if (steps_[other].succeeded && !*steps_[other].succeeded) return steps_[other].id;
  return {};
}

void Sequence::finished(std::size_t position, bool succeeded) {
  const std::lock_guard lock(mutex_);
  steps_[position].succeeded = succeeded;
  ++news_;
  changed_.notify_all();
}

std::size_t Sequence::news() {
  const std::lock_guard lock(mutex_);
  return news_;
}

void Sequence::wait_for_news(std::size_t seen, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return news_ > seen; });
}

} // namespace controller
