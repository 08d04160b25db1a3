#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <zmq.hpp>

namespace registry_core {

inline constexpr std::size_t largest_request =
    64UL * 1024;                                  ///< bytes of all frames of a peer's message together
inline constexpr std::size_t most_frames = 16;    ///< of a peer's message
inline constexpr int largest_frame = 1024 * 1024; ///< libzmq ends the connection of who sends a larger one

/// One message of a ROUTER: the frames in front, which go back with the reply, and the request in the last
/// one.
class Envelope {
public:
  /// Takes the next message, if there is one. Does not wait. \throws zmq::error_t.
  bool receive(zmq::socket_t& router);

  [[nodiscard]] bool too_large() const noexcept {
    return peer_frames_ > most_frames || bytes_ > largest_request;
  }
  /// The last frame. Good until the next receive(), also after send_reply().
  [[nodiscard]] std::string_view body() const noexcept {
    return {static_cast<const char*>(body_.data()), body_.size()};
  }
  /// The sender's address as libzmq knows it; empty where it knows none.
  [[nodiscard]] std::string_view peer_address();

  /// Sends the frames in front and the reply. Does not wait. Once a message.
  /// \returns false where the reply was dropped: the peer is gone or has too many replies unread.
  bool send_reply(zmq::socket_t& router, std::string_view reply);

private:
  void keep(zmq::message_t& frame);
  void shorten_oversized();

  std::vector<zmq::message_t> front_; ///< slots, used again; the first front_size_ are of this message
  std::size_t front_size_ = 0;
  std::size_t peer_frames_ = 0;
  std::size_t bytes_ = 0;
  zmq::message_t body_;
};

} // namespace registry_core
