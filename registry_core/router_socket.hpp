#pragma once

#include "registry_core/counters.hpp"
#include "registry_core/envelope.hpp"
#include "registry_core/incoming.hpp"
#include "registry_core/limits.hpp"
#include "registry_core/listening_sockets.hpp"
#include "registry_core/protocol/decode.hpp"
#include "registry_core/security/gate.hpp"
#include "registry_core/sockets.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace registry_core {

/// Where REQ and DEALER peers ask: a ROUTER, its requests and their replies. One thread.
class RouterSocket {
public:
  /// \throws BindError, zmq::error_t.
  RouterSocket(zmq::context_t& context, const std::vector<Binding>& bindings, const Limits& limits,
               Counters& counters, Gate& gate, ListeningSockets* listening);

  [[nodiscard]] const std::vector<std::string>& bound() const noexcept { return bound_; }
  /// To be polled for reading, once receive() has found nothing.
  [[nodiscard]] int descriptor() { return socket_.get(zmq::sockopt::fd); }
  [[nodiscard]] ConnectionGuard& guard() noexcept { return guard_; }
  void change_limits(const Limits& limits) noexcept { message_bytes_ = limits.message_bytes; }

  ~RouterSocket();

  /// The next request, if there is one; good until the next call. Does not wait. Of requests that
  /// have come together the first reply goes at once, and then ever more of them go together: libzmq's own
  /// thread is woken once for those.
  Received receive(const Now& now);
  /// Sends the replies that are kept back.
  void send_replies();

private:
  class Request;
  struct Outgoing {
    Front front;
    std::string text;
  };
  Outgoing& next_outgoing();
  void send_some();
  std::string address_of(Envelope& envelope);

  zmq::socket_t socket_;
  Counters& counters_;
  Gate& gate_;
  ConnectionGuard guard_;
  std::size_t message_bytes_;
  std::vector<std::string> bound_;
  protocol::Decoder decoder_;
  std::vector<Outgoing> outgoing_; ///< slots, used again; the first outgoing_size_ are to be sent
  std::size_t outgoing_size_ = 0;
  std::size_t kept_back_ = 1;                              ///< so many replies go together
  std::unordered_map<std::string, std::string> addresses_; ///< of connections, by what libzmq calls them
  std::uint64_t goings_ = 0;                               ///< of connections, when addresses_ was right
  std::unique_ptr<Request> next_;                          ///< used again and again, unless it is kept
};

} // namespace registry_core
