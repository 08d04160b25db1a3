#pragma once

#include "registry_core/event.hpp"
#include "registry_core/limits.hpp"
#include "registry_core/listening_sockets.hpp"

#include <cstdint>
#include <string>

#include <zmq.hpp>

namespace registry_core {

/// Where listeners hear of every change: an XPUB. One thread.
class EventSocket {
public:
  /// \throws BindError, zmq::error_t.
  EventSocket(zmq::context_t& context, const std::string& endpoint, const Limits& limits,
              ListeningSockets* listening);

  [[nodiscard]] const std::string& bound() const noexcept { return bound_; }
  /// To be polled for reading, once take_subscriptions() was called.
  [[nodiscard]] int descriptor() { return socket_.get(zmq::sockopt::fd); }

  /// Takes note of who has come and gone. Once a round.
  void take_subscriptions();
  /// Sends it to whom it concerns, if there is anybody. A listener that does not read loses events, and sees
  /// so by their numbers.
  void publish(const Event& event, const std::string& run, const std::string& epoch);
  [[nodiscard]] std::uint64_t published() const noexcept { return published_; }

private:
  zmq::socket_t socket_;
  std::string bound_;
  std::uint64_t topics_ = 0; ///< that anybody listens to
  std::uint64_t published_ = 0;
};

} // namespace registry_core
