#pragma once

#include "registry_core/counters.hpp"
#include "registry_core/incoming.hpp"
#include "registry_core/listening_sockets.hpp"
#include "registry_core/log_entry.hpp"
#include "registry_core/networks.hpp"
#include "registry_core/protocol/actor_message.hpp"
#include "registry_core/push_connections.hpp"
#include "registry_core/security/gate.hpp"
#include "registry_core/server.hpp"
#include "registry_core/sockets.hpp"

#include <functional>
#include <memory>
#include <string>

namespace registry_core {

/// The registry as an actor: a PULL that requests come to, pushed by other actors, and the ways back to them.
/// One thread.
class ActorSocket {
public:
  /// \param log may be empty. \throws BindError, zmq::error_t; std::invalid_argument for a wrong reply
  /// network.
  ActorSocket(zmq::context_t& context, const Binding& binding, const ServerSettings& settings,
              Counters& counters, Gate& gate, std::function<void(const LogEntry&)> log,
              ListeningSockets* listening);
  ~ActorSocket();
  ActorSocket(const ActorSocket&) = delete;
  ActorSocket& operator=(const ActorSocket&) = delete;

  [[nodiscard]] const std::string& bound() const noexcept { return bound_; }
  /// To be polled for reading, once receive() has found nothing.
  [[nodiscard]] int descriptor() { return socket_.get(zmq::sockopt::fd); }
  [[nodiscard]] ConnectionGuard& guard() noexcept { return guard_; }
  /// \throws std::invalid_argument for a wrong reply network; nothing has changed then.
  void change_settings(const ServerSettings& settings);

  /// The next request, if there is one; good until the next call. Does not wait. What is rejected is answered
  /// at once, and is none.
  Received receive(const Now& now);

private:
  class Request;

  bool receive_one(zmq::message_t& body);
  void answer(std::string_view sender_endpoint, std::string_view peer, std::string_view sender_actor,
              const std::string& text);

  zmq::socket_t socket_;
  Counters& counters_;
  Gate& gate_;
  ConnectionGuard guard_;
  std::function<void(const LogEntry&)> log_;
  std::size_t message_bytes_;
  Networks reply_networks_;
  PushConnections connections_;
  std::string bound_;
  protocol::ActorMessageReader reader_;
  std::string reply_text_;
  std::unique_ptr<Request> next_; ///< used again and again, unless it is kept
};

} // namespace registry_core
