#include "examples/sample_manager/actor_sockets.hpp"

#include <algorithm>
#include <stdexcept>

namespace sample_manager {

namespace {

/// libzmq binds to addresses: a host name, which is for those who connect, is bound on all of them.
std::string bindable(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  constexpr std::size_t scheme = sizeof("tcp://") - 1;
  if (!endpoint.starts_with("tcp://") || colon < scheme) return endpoint;
  const std::string host = endpoint.substr(scheme, colon - scheme);
  const std::string port = endpoint.substr(colon);
  if (host == "localhost") return "tcp://127.0.0.1" + port;
  const bool address = host.find_first_not_of("0123456789.*") == std::string::npos || host.starts_with('[');
  return address ? endpoint : "tcp://*" + port;
}

bool any_port(const std::string& endpoint) {
  return endpoint.ends_with(":*") || endpoint.ends_with(":0");
}

} // namespace

ActorSockets::ActorSockets(const std::vector<ActorOption>& actors) : messages_(actors.size()) {
  for (const ActorOption& actor : actors) {
    zmq::socket_t& socket = sockets_.emplace_back(context_, zmq::socket_type::pull);
    socket.set(zmq::sockopt::linger, 0);
    try {
      socket.bind(bindable(actor.endpoint));
    } catch (const zmq::error_t& error) {
      throw std::runtime_error("actor " + actor.name + ": can't bind " + actor.endpoint + ": " +
                               error.what());
    }
    bound_.push_back(
        {actor.name, any_port(actor.endpoint) ? socket.get(zmq::sockopt::last_endpoint) : actor.endpoint});
  }
}

void ActorSockets::wait(int descriptor, std::chrono::milliseconds longest) {
  std::vector<zmq::pollitem_t> items = {{nullptr, descriptor, ZMQ_POLLIN, 0}};
  for (zmq::socket_t& socket : sockets_)
    items.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
  zmq::poll(items, std::max(longest, std::chrono::milliseconds(0)));
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    zmq::message_t message;
    while (sockets_[i].recv(message, zmq::recv_flags::dontwait)) {
      if (!message.more()) ++messages_[i];
    }
  }
}

} // namespace sample_manager
