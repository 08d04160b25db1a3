#include "controller/sequence.hpp"

#include <algorithm>

namespace controller {

Sequence::Sequence(Operation operation, std::span<const Chosen> chosen, Pace pace) : pace_(pace) {
  for (const auto& one : chosen)
    steps_.push_back({one.manager->id, {}, false, std::nullopt});
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
  return pace_.at_once != 0 ||
         std::any_of(steps_.begin(), steps_.end(), [](const auto& step) { return !step.waits_for.empty(); });
}

Sequence::Turn Sequence::turn(std::size_t position) {
  const std::lock_guard lock(mutex_);
  return turn_of(position);
}

bool Sequence::begin(std::size_t position) {
  const std::lock_guard lock(mutex_);
  auto& step = steps_[position];
  if (!step.begun) step.begun = turn_of(position) == Turn::now;
  return step.begun;
}

Sequence::Turn Sequence::turn_of(std::size_t position) const {
  if (steps_[position].begun) return Turn::now;
  if (!stopped_by_.empty()) return Turn::never;
  const auto turn = waits(steps_[position]);
  return turn == Turn::now && !has_a_place(position) ? Turn::later : turn;
}

Sequence::Turn Sequence::waits(const Step& step) const {
  auto turn = Turn::now;
  for (const auto other : step.waits_for) {
    if (!steps_[other].succeeded)
      turn = Turn::later;
    else if (!*steps_[other].succeeded)
      return Turn::never;
  }
  return turn;
}

/// Places are given in the order chosen, not to whoever asks first: a fleet is restarted the same way each
/// time.
bool Sequence::has_a_place(std::size_t position) const {
  if (pace_.at_once == 0) return true;
  auto taken = static_cast<std::size_t>(std::count_if(
      steps_.begin(), steps_.end(), [](const auto& step) { return step.begun && !step.succeeded; }));
  for (std::size_t i = 0; i < position; ++i)
    if (!steps_[i].begun && !steps_[i].succeeded && waits(steps_[i]) == Turn::now) ++taken;
  return taken < pace_.at_once;
}

std::string Sequence::why_never(std::size_t position) {
  const std::lock_guard lock(mutex_);
  for (const auto other : steps_[position].waits_for)
    if (steps_[other].succeeded && !*steps_[other].succeeded) return steps_[other].id + " did not succeed";
  return stopped_by_;
}

void Sequence::finished(std::size_t position, bool succeeded) {
  const std::lock_guard lock(mutex_);
  auto& step = steps_[position];
  step.succeeded = succeeded;
  if (!succeeded && pace_.stop_on_error) stop_unlocked(step.id + " did not succeed");
  ++news_;
  changed_.notify_all();
}

bool Sequence::is_finished(std::size_t position) {
  const std::lock_guard lock(mutex_);
  return steps_[position].succeeded.has_value();
}

bool Sequence::anybody_waits() {
  const std::lock_guard lock(mutex_);
  return stopped_by_.empty() && std::any_of(steps_.begin(), steps_.end(),
                                            [](const auto& step) { return !step.begun && !step.succeeded; });
}

void Sequence::stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  stop_unlocked(why);
  ++news_;
  changed_.notify_all();
}

void Sequence::stop_unlocked(const std::string& why) {
  const bool any_left = std::any_of(steps_.begin(), steps_.end(),
                                    [](const auto& step) { return !step.begun && !step.succeeded; });
  if (any_left && stopped_by_.empty()) stopped_by_ = why;
}

std::string Sequence::stopped_by() {
  const std::lock_guard lock(mutex_);
  return stopped_by_;
}

std::size_t Sequence::news() {
  const std::lock_guard lock(mutex_);
  return news_;
}

void Sequence::wait_for_news(std::size_t seen, std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return news_ > seen; });
}

std::vector<std::vector<std::size_t>> steps(Operation operation, std::span<const Chosen> chosen,
                                            unsigned at_once) {
  Sequence sequence(operation, chosen, {at_once, false});
  std::vector<std::vector<std::size_t>> steps;
  for (std::size_t left = chosen.size(); left > 0; left -= steps.back().size()) {
    std::vector<std::size_t> together;
    for (std::size_t i = 0; i < chosen.size(); ++i)
      if (!sequence.is_finished(i) && sequence.turn(i) == Sequence::Turn::now) together.push_back(i);
    for (const auto position : together)
      sequence.finished(position, true);
    steps.push_back(std::move(together));
  }
  return steps;
}

} // namespace controller
