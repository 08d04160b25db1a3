#pragma once

#include "registry_core/event.hpp"
#include "registry_core/limits.hpp"
#include "registry_core/listening_sockets.hpp"
#include "registry_core/liveness_clock.hpp"
#include "registry_core/security/gate.hpp"
#include "registry_core/sockets.hpp"

#include <cstdint>
#include <string>

#include <zmq.hpp>

namespace registry_core {

/// Where listeners hear of every change: an XPUB. One thread.
class EventSocket {
public:
  /// \param endpoint its place among all. \throws BindError, zmq::error_t.
  EventSocket(zmq::context_t& context, const Binding& binding, std::size_t endpoint, const Limits& limits,
              Gate& gate, ListeningSockets* listening);

  [[nodiscard]] const std::string& bound() const noexcept { return bound_; }
  /// To be polled for reading, once take_subscriptions() was called.
  [[nodiscard]] int descriptor() { return socket_.get(zmq::sockopt::fd); }
  [[nodiscard]] ConnectionGuard& guard() noexcept { return guard_; }

  /// Takes note of who has come: at most so many of their messages. \returns whether there may be more.
  bool take_subscriptions(Nanos monotonic, int most);
  /// Ends the connections of those whose key is not trusted any more, and of those who have not said who they
  /// are: they come back.
  void end_untrusted();
  /// Sends it to whom it concerns, if there is anybody. A listener that does not read loses events, and sees
  /// so by their numbers.
  void publish(const Event& event, const std::string& run, const std::string& epoch);
  [[nodiscard]] std::uint64_t published() const noexcept { return published_; }

private:
  void take_subscription(zmq::message_t& message, Nanos monotonic);
  void end(int descriptor, const char* why);

  zmq::socket_t socket_;
  Gate& gate_;
  ConnectionGuard guard_;
  std::size_t endpoint_;
  std::string bound_;
  bool continues_ = false; ///< a message of several frames
  std::uint64_t published_ = 0;
};

} // namespace registry_core
