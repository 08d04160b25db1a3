#pragma once

#include "ssh/connection.hpp"
#include "ssh/stream.hpp"

#include <poll.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace ssh {

/// Where a lane's failure is kept for its other end. Any thread.
class LaneFailure {
public:
  void set(const Error& error) {
    const std::lock_guard lock(mutex_);
    error_ = error;
  }
  [[nodiscard]] std::optional<Error> get() {
    const std::lock_guard lock(mutex_);
    return error_;
  }

private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

/// One host's bytes through a jump host: a direct-tcpip channel (RFC 4254, section 7.2) and a socket. Only
/// ever does what can be done now. For the sources of ssh/ alone.
class JumpLane {
public:
  JumpLane(UniqueFd socket, std::shared_ptr<LaneFailure> failure, std::string hostname, std::uint16_t port)
      : socket_(std::move(socket)), failure_(std::move(failure)), hostname_(std::move(hostname)),
        port_(port) {}

  /// Goes on as far as it can; true where something moved. `hop` names the jump host in messages.
  bool step(const Connection& connection, const std::string& hop);

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] pollfd poll_for() const noexcept;
  /// What poll(2) said: a socket that nobody holds any more ends the lane, though bytes are left.
  void polled(short events) noexcept;
  /// The session is gone.
  void fail(const Error& error);

private:
  bool open(const Connection& connection, const std::string& hop);
  bool to_us();
  bool to_host();
  bool send_on();

  UniqueFd socket_;
  std::shared_ptr<LaneFailure> failure_;
  std::string hostname_;
  std::uint16_t port_;
  ChannelHandle channel_;
  bool opened_ = false, ended_ = false, host_ended_ = false;
  std::string for_us_, for_host_;
};

} // namespace ssh
