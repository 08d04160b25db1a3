#pragma once

#include "actors/registry/RegistryEvents.hpp"

#include <chrono>
#include <deque>

namespace actors::registry {

/// Makes events of what arrives, and says where something is missing. No socket and no clock.
class EventStream {
public:
  /// One wait is to be no longer, so that a stop of the process itself is not taken for the registry's
  /// silence.
  static constexpr std::chrono::milliseconds longest_wait{500};

  /// \param complete everything is subscribed to, so that numbers tell what got lost.
  explicit EventStream(bool complete) : complete_(complete) {}

  /// A message's second frame. What is no event is passed over: its number will be missed.
  void arrived(const std::string& text);
  /// So long nothing has arrived, once more.
  void waited(std::chrono::steady_clock::duration time);

  [[nodiscard]] bool silent() const noexcept { return silent_; }
  [[nodiscard]] bool has_next() const noexcept { return !next_.empty(); }
  RegistryEvents::Next take_next();

private:
  void judge(const RegistryEvent& event);

  bool complete_;
  bool silent_ = false;
  std::string run_; ///< empty before the first event
  std::uint64_t seq_ = 0;
  std::chrono::steady_clock::duration waited_{};
  std::deque<RegistryEvents::Next> next_;
};

} // namespace actors::registry
