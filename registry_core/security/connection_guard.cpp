#include "registry_core/security/connection_guard.hpp"

#include "registry_core/security/peer_connection.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace registry_core {

namespace {

constexpr int watched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

/// Unique in the process, whoever else has a registry in it.
std::string monitor_endpoint() {
  static std::atomic<unsigned> number = 0;
  return "inproc://registry-connections-" + std::to_string(number++);
}

/// The port in `tcp://HOST:PORT`.
std::string_view port_of(std::string_view bound) {
  return bound.starts_with("tcp://") ? bound.substr(bound.rfind(':') + 1) : std::string_view();
}

} // namespace

ConnectionGuard::ConnectionGuard(zmq::context_t& context, zmq::socket_t& socket, ConnectionTable& table,
                                 OnRefused on_refused)
    : socket_(socket), table_(table), on_refused_(std::move(on_refused)),
      monitor_(context, zmq::socket_type::pair) {
  const std::string endpoint = monitor_endpoint();
  if (zmq_socket_monitor(socket.handle(), endpoint.c_str(), watched) != 0) throw zmq::error_t();
  monitor_.set(zmq::sockopt::linger, 0);
  // Without a bound: libzmq's own thread would wait here for the loop, and everybody with it.
  monitor_.set(zmq::sockopt::rcvhwm, 0);
  monitor_.connect(endpoint);
}

ConnectionGuard::~ConnectionGuard() {
  zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

bool ConnectionGuard::work(int most) {
  zmq::message_t event;
  zmq::message_t address;
  for (; most > 0; --most) {
    if (!monitor_.recv(event, zmq::recv_flags::dontwait)) return false;
    if (!event.more() || !monitor_.recv(address, zmq::recv_flags::none)) continue;
    std::uint16_t kind = 0;
    std::int32_t value = 0;
    if (event.size() < sizeof kind + sizeof value) continue;
    std::memcpy(&kind, event.data(), sizeof kind);
    std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof kind, sizeof value);
    switch (kind) {
    case ZMQ_EVENT_ACCEPTED: accepted(value, address.to_string()); break;
    case ZMQ_EVENT_DISCONNECTED:
      ++goings_;
      table_.remove(value);
      break;
    case ZMQ_EVENT_ACCEPT_FAILED: on_refused_(Refused::no_descriptor, {}); break;
    default: on_refused_(Refused::handshake, {});
    }
  }
  return true;
}

/// The descriptor may be somebody else's by now: who is there is looked at, and whether he came to this
/// endpoint.
void ConnectionGuard::accepted(int descriptor, const std::string& bound) {
  table_.remove(descriptor);
  const auto connection = connection_of(descriptor);
  if (!connection || connection->local_port != port_of(bound)) return;
  const auto endpoint = std::find_if(endpoints_.begin(), endpoints_.end(),
                                     [&](const GuardedEndpoint& one) { return one.bound == bound; });
  if (endpoint == endpoints_.end()) return;
  const ConnectionTable::Connection added{endpoint->index, connection->address};
  auto verdict = table_.add(descriptor, added);
  if (verdict == ConnectionTable::Verdict::too_many_of_address && make_room(connection->address))
    verdict = table_.add(descriptor, added);
  if (verdict == ConnectionTable::Verdict::admitted) return;
  end_connection(descriptor, connection->address);
  on_refused_(verdict == ConnectionTable::Verdict::too_many ? Refused::too_many
                                                            : Refused::too_many_of_address,
              connection->address);
}

/// Takes those out of the table that are gone, though nobody said so. Now and then, for it is work, and a
/// crowd at the door is no reason for more of it. \returns whether there were any.
bool ConnectionGuard::make_room(const std::string& address) {
  constexpr std::uint64_t refusals_a_look = 256;
  if (too_many_++ % refusals_a_look != 0) return false;
  bool any = false;
  for (const int descriptor : table_.from(address)) {
    const auto connection = connection_of(descriptor);
    if (connection && connection->address == address) continue;
    table_.remove(descriptor);
    any = true;
  }
  return any;
}

} // namespace registry_core
