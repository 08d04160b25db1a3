#pragma once

#include "controller/registry_view.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace controller {

/// Tells the registry whose silence is planned (ExpectOffline), on a thread of its own: a registry that is
/// away costs nobody more than the quarter of a second that it has from the beginning to show that it is
/// there. It is tried again for as long as this lives. Any thread.
class Announcements {
public:
  /// \param registry its timeout is not asked for.
  Announcements(RegistryAccess registry, std::string reason);
  /// What the registry could not be told by now, it is not.
  ~Announcements();
  Announcements(const Announcements&) = delete;
  Announcements& operator=(const Announcements&) = delete;

  struct Mark {
    std::string manager_id;
    std::chrono::duration<double> seconds{}; ///< from now on; 0: its silence is not planned any more
  };
  /// In order. Returns when the registry knows all of them; at the latest after a second, or at once where it
  /// is away.
  void tell(const std::vector<Mark>& marks);

  /// Why it does not know all that it was to be told; empty: it does.
  std::string problem();

private:
  struct Waiting {
    std::string manager_id;
    Clock::time_point until; ///< the clock's beginning: not planned any more
  };

  void work(const std::stop_token& stop);
  void tell_next(actors::registry::RegistryQuery& query);

  RegistryAccess registry_;
  std::string reason_;
  const Clock::time_point begun_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiting> waiting_;
  std::uint64_t given_ = 0;
  std::uint64_t done_ = 0; ///< of those given: told, or refused
  bool answers_ = false;   ///< the last question was answered
  std::string refusal_;
  std::string silence_; ///< why the last question was not answered
  std::jthread thread_; // the last member: it ends before what it uses
};

} // namespace controller
