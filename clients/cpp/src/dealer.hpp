#pragma once

#include "clients/cpp/src/curve_keys.hpp"
#include "clients/cpp/src/handshake.hpp"

#include <chrono>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

#include <zmq.hpp>

namespace actors::registry {

using Clock = std::chrono::steady_clock;

/// Milliseconds until then, a minute at most, from 0 on; rounded up, so that nobody wakes just before their
/// time and spins.
int poll_timeout(Clock::time_point until);

/// A DEALER towards one registry endpoint. LINGER is 0: what was not sent when it closes is not worth waiting
/// for.
class Dealer {
public:
  /// Connecting goes on in the background. \throws RegistryError where the endpoint can't be one.
  Dealer(zmq::context_t& context, std::string endpoint, const CurveKeys& keys);

  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

  /// Queues a message; nothing happens where the queue is full, which is as if it had got lost.
  void send(const std::string& text);

  /// A message that has arrived, without waiting.
  std::optional<std::string> receive();
  /// The next message; none where none has come by then, or a signal was caught.
  std::optional<std::string> receive(Clock::time_point until);

  /// What is to be polled for reading, once receive() has found nothing and is_over() nothing new.
  void add_descriptors(std::vector<pollfd>& descriptors) const;

  /// An answer has come: the connection is not watched any more.
  void prove() noexcept { handshake_.reset(); }
  [[nodiscard]] bool is_proven() const noexcept { return !handshake_; }
  /// What is in the connection's way, as far as that is known.
  [[nodiscard]] Handshake::Fault fault();
  /// Only a new connection may fare better.
  [[nodiscard]] bool is_over();

private:
  std::string last_of(zmq::message_t& frame);

  std::string endpoint_;
  zmq::socket_t socket_;
  std::optional<Handshake> handshake_;
};

} // namespace actors::registry
