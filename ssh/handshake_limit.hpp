#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace ssh {

/// Counts the handshakes under way towards each place, for a server takes only some at once (MaxStartups).
/// Any thread.
class HandshakeLimit {
public:
  static constexpr unsigned most = 8;

  /// Waits for a free one; false at the deadline, or where `cancelled`, asked a few times a second, says so.
  bool take(const std::string& place, std::chrono::steady_clock::time_point deadline,
            const std::function<bool()>& cancelled) {
    std::unique_lock lock(mutex_);
    while (under_way_[place] >= most) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline || cancelled()) return false;
      freed_.wait_until(lock, std::min(deadline, now + std::chrono::milliseconds(250)));
    }
    ++under_way_[place];
    return true;
  }

  void give_back(const std::string& place) {
    const std::lock_guard lock(mutex_);
    --under_way_[place];
    freed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, unsigned> under_way_;
};

} // namespace ssh
