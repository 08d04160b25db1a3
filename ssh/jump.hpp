#pragma once

#include "ssh/connection.hpp"
#include "ssh/dial.hpp"
#include "ssh/handshake_limit.hpp"
#include "ssh/jump_lane.hpp"
#include "ssh/name_lookup.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ssh {

/// One session to a jump host, on a thread of its own: dials it, checks its key, authenticates, and carries
/// the bytes of every host behind it. For the sources of ssh/ alone.
class Jump {
public:
  /// Begins at once and never waits. \throws std::system_error.
  Jump(Settings settings, DialRequest request, std::shared_ptr<HandshakeLimit> limit);
  Jump(const Jump&) = delete;
  Jump& operator=(const Jump&) = delete;
  ~Jump();

  /// A stream to a host behind it, at once; its bytes come when there is a way. Any thread.
  static Stream open(const std::shared_ptr<Jump>& jump, const std::string& hostname, std::uint16_t port);

private:
  void run() noexcept;
  void work();
  Connection connect();
  Stream dial();
  void carry(const Connection& connection);
  void take_new_lanes(const Connection& connection);
  void wait(const Connection& connection);
  void fail(const Error& error);
  [[nodiscard]] Error named(const Error& error) const;

  Settings settings_;
  DialRequest request_;
  std::shared_ptr<HandshakeLimit> limit_;
  std::atomic<bool> stopping_ = false;
  Wakeup wakeup_;
  std::mutex mutex_; ///< for what follows
  std::vector<std::unique_ptr<JumpLane>> new_lanes_;
  std::optional<Error> failure_;
  UniqueFd socket_;                              ///< of the session, to end it from another thread
  std::vector<std::unique_ptr<JumpLane>> lanes_; ///< the thread's own
  std::thread thread_;
};

} // namespace ssh
