#include "clients/cpp/src/event_stream.hpp"

#include "clients/cpp/src/replies.hpp"

#include <utility>

namespace actors::registry {

namespace {

/// Ticks come every second.
constexpr std::chrono::seconds longest_silence(3);

} // namespace

void EventStream::arrived(const std::string& text) {
  const auto json = parse_reply(text);
  if (!json) return;
  try {
    auto event = registry_event(*json);
    waited_ = {};
    judge(event);
    next_.emplace_back(std::move(event));
  } catch (const Json::exception&) {
    return;
  }
}

void EventStream::judge(const RegistryEvent& event) {
  using Why = ListAgain::Why;
  const bool first = run_.empty();
  const bool another_run = !first && event.run != run_;
  const bool gap = complete_ ? event.seq != seq_ + 1 : event.seq <= seq_;
  const bool was_silent = std::exchange(silent_, false);
  run_ = event.run;
  seq_ = event.seq;
  if (another_run) {
    next_.emplace_back(ListAgain{Why::restarted});
  } else if (!first && gap) {
    next_.emplace_back(ListAgain{Why::lost});
  } else if (first || was_silent) {
    next_.emplace_back(ListAgain{Why::subscribed});
  }
}

void EventStream::waited(std::chrono::steady_clock::duration time) {
  waited_ += time;
  if (waited_ < longest_silence) return;
  waited_ = {};
  if (!std::exchange(silent_, true)) next_.emplace_back(ListAgain{ListAgain::Why::silent});
}

RegistryEvents::Next EventStream::take_next() {
  RegistryEvents::Next next = std::move(next_.front());
  next_.pop_front();
  return next;
}

} // namespace actors::registry
