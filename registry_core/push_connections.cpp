#include "registry_core/push_connections.hpp"

#include "registry_core/protocol/names.hpp"

namespace registry_core {

std::optional<std::string> push_target(std::string_view sender_endpoint, std::string_view peer,
                                       const Networks& networks) {
  const bool is_here = peer.empty() || protocol::is_loopback_host(peer);
  if (!protocol::is_actor_endpoint(sender_endpoint)) {
    // A wildcard host is no endpoint to connect to, and yet one to be replaced.
    const auto tcp = protocol::parse_tcp_endpoint(sender_endpoint);
    if (!tcp || !protocol::is_wildcard_host(tcp->host)) return std::nullopt;
  }
  const auto tcp = protocol::parse_tcp_endpoint(sender_endpoint);
  if (!tcp) return is_here ? std::optional<std::string>(sender_endpoint) : std::nullopt; // ipc
  const bool is_its_own = protocol::is_wildcard_host(tcp->host) || protocol::is_loopback_host(tcp->host);
  if (is_its_own) return protocol::tcp_endpoint(peer.empty() ? "127.0.0.1" : peer, tcp->port);
  if (tcp->host == peer || networks.contains(tcp->host)) return std::string(sender_endpoint);
  return std::nullopt;
}

bool PushConnections::send(const std::string& endpoint, std::string_view text) {
  try {
    return connection(endpoint)->socket.send(zmq::buffer(text), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t&) {
    return false;
  }
}

PushConnections::Connections::iterator PushConnections::connection(const std::string& endpoint) {
  if (const auto known = by_endpoint_.find(endpoint); known != by_endpoint_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, known->second);
    return known->second;
  }
  zmq::socket_t socket(context_, zmq::socket_type::push);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndhwm, static_cast<int>(queue_));
  if (endpoint.find('[') != std::string::npos) socket.set(zmq::sockopt::ipv6, true);
  socket.connect(endpoint);
  make_room(most_ - 1);
  by_use_.push_front({endpoint, std::move(socket)});
  by_endpoint_.emplace(by_use_.front().endpoint, by_use_.begin());
  return by_use_.begin();
}

void PushConnections::make_room(std::size_t most) {
  while (by_use_.size() > most) {
    by_endpoint_.erase(by_use_.back().endpoint);
    by_use_.pop_back();
  }
}

void PushConnections::change_most(std::size_t most) {
  most_ = most;
  make_room(most_);
}

} // namespace registry_core
