#include "controller/announcements.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace controller {
namespace {

using actors::registry::RegistryQuery;

/// Since the beginning of the change: whoever dials hosts has as long to wait anyway.
constexpr std::chrono::milliseconds first_answer{250};
/// For a registry that answers.
constexpr std::chrono::seconds longest_answer{1};
constexpr std::chrono::seconds longest_question{1};
constexpr double longest_silence_s = 30.0 * 24 * 3600; // docs/protocol.md, ExpectOffline

} // namespace

Announcements::Announcements(RegistryAccess registry, std::string reason)
    : registry_(std::move(registry)), reason_(std::move(reason)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

Announcements::~Announcements() = default;

void Announcements::tell(const std::vector<Mark>& marks) {
  std::unique_lock lock(mutex_);
  const auto now = Clock::now();
  for (const auto& mark : marks) {
    const bool planned = mark.seconds.count() > 0;
    const auto until =
        planned ? now + std::chrono::duration_cast<Clock::duration>(mark.seconds) : Clock::time_point{};
    waiting_.push_back({mark.manager_id, until});
  }
  given_ += marks.size();
  const auto last = given_;
  changed_.notify_all();
  while (done_ < last) {
    const auto until = answers_ ? now + longest_answer : begun_ + first_answer;
    if (Clock::now() >= until) return;
    changed_.wait_until(lock, until);
  }
}

std::string Announcements::problem() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? refusal_ : silence_.empty() ? "the registry did not answer in time" : silence_;
}

void Announcements::work(const std::stop_token& stop) {
  try {
    RegistryQuery query(registry_.endpoints, longest_question, registry_.keys);
    query.cancel_when([&stop] { return stop.stop_requested(); });
    while (!stop.stop_requested()) {
      tell_next(query);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
    }
  } catch (const actors::registry::RegistryError& error) { // an endpoint that can't be one
    const std::lock_guard lock(mutex_);
    answers_ = false;
    silence_ = error.what();
    changed_.notify_all();
  }
}

/// Where there is nothing to tell, it sees whether the registry is there.
void Announcements::tell_next(RegistryQuery& query) {
  std::unique_lock lock(mutex_);
  const auto next = waiting_.empty() ? std::optional<Waiting>() : waiting_.front();
  lock.unlock();
  std::string refusal;
  std::string silence;
  try {
    if (next) {
      const auto left = std::clamp(std::chrono::duration<double>(next->until - Clock::now()).count(), 0.0,
                                   longest_silence_s);
      query.expect_offline(next->manager_id, left, left > 0 ? reason_ : "");
    } else {
      query.info();
    }
  } catch (const actors::registry::TimeoutError& error) {
    silence = error.what();
  } catch (const actors::registry::RegistryError& error) {
    if (error.code().empty()) throw;
    refusal = error.what();
  }
  lock.lock();
  answers_ = silence.empty();
  silence_ = std::move(silence);
  if (!refusal.empty()) refusal_ = std::move(refusal);
  if (next && answers_) {
    waiting_.pop_front();
    ++done_;
  }
  changed_.notify_all();
}

} // namespace controller
