#pragma once

#include "registry_core/security/access.hpp"

#include <functional>

#include <zmq.hpp>

namespace registry_core {

/// Answers libzmq's questions about connections in their handshakes (ZeroMQ RFC 27, ZAP). It belongs to the
/// loop, as all state does: an answer is a look into a table, so there is nothing that a thread of its own
/// would keep waiting, and no table to be shared. In the context before any socket is bound, and longer than
/// all of them: libzmq lets everybody in where nobody answers.
class ZapSocket {
public:
  using Judge = std::function<Access::Verdict(const ConnectionRequest&)>;

  /// \throws zmq::error_t.
  ZapSocket(zmq::context_t& context, Judge judge);

  [[nodiscard]] int descriptor() { return socket_.get(zmq::sockopt::fd); }
  /// Answers at most so many. Does not wait. \returns whether there may be more.
  bool work(int most);

private:
  bool receive();
  void answer();

  zmq::socket_t socket_;
  Judge judge_;
  std::vector<zmq::message_t> frames_;
  std::size_t frame_count_ = 0;
};

} // namespace registry_core
