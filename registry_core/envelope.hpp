#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

namespace registry_core {

inline constexpr std::size_t most_frames = 16; ///< of a peer's message

/// Frames that go in front of a reply. Slots are used again; the first `size` are those of the message.
struct Front {
  std::vector<zmq::message_t> frames;
  std::size_t size = 0;
};

/// Sends frames and reply. Does not wait. \returns false where the reply was dropped: the peer is gone or has
/// too many replies unread.
bool send_reply(zmq::socket_t& router, Front& front, std::string_view reply);

/// One message of a ROUTER: the frames in front, which go back with the reply, and the request in the last
/// one.
class Envelope {
public:
  /// Takes the next message, if there is one. Does not wait. \param most_bytes of all frames together.
  /// \throws zmq::error_t.
  bool receive(zmq::socket_t& router, std::size_t most_bytes);

  [[nodiscard]] bool too_large() const noexcept { return too_large_; }
  /// The last frame. Good until the next receive().
  [[nodiscard]] std::string_view body() const noexcept {
    return {static_cast<const char*>(body_.data()), body_.size()};
  }
  /// What this socket calls the sender.
  [[nodiscard]] std::string_view peer() const noexcept {
    return {static_cast<const char*>(front_.frames.front().data()), front_.frames.front().size()};
  }
  /// Its last frame as libzmq has it, to be asked for what it knows of the sender.
  [[nodiscard]] zmq::message_t& message() noexcept { return body_; }
  /// The sender's address as libzmq knows it; empty where it knows none.
  [[nodiscard]] std::string_view peer_address();
  /// This machine's address that the sender's connection came to; empty where there is none.
  [[nodiscard]] std::string local_host();

  /// The frames in front, to be sent before the reply; they leave this object. Once a message.
  void take_front(Front& into);

private:
  void keep(zmq::message_t& frame);
  void shorten_oversized(std::size_t most_bytes);

  Front front_;
  std::size_t peer_frames_ = 0;
  std::size_t bytes_ = 0;
  bool too_large_ = false;
  zmq::message_t body_;
};

} // namespace registry_core
