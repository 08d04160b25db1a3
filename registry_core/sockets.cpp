#include "registry_core/sockets.hpp"

#include "registry_core/server.hpp"

#include <string_view>
#include <sys/socket.h>

namespace registry_core {

namespace {

/// libzmq binds to addresses and interfaces, not to names.
std::string bindable(const std::string& endpoint) {
  constexpr std::string_view name = "tcp://localhost:";
  return endpoint.starts_with(name) ? "tcp://127.0.0.1:" + endpoint.substr(name.size()) : endpoint;
}

/// Curve's secret key is set first: setting it turns CURVE on.
void set_mechanism(zmq::socket_t& socket, const Binding& binding) {
  socket.set(zmq::sockopt::zap_domain, binding.domain);
  if (binding.secret) {
    const auto& bytes = binding.secret->bytes();
    socket.set(zmq::sockopt::curve_secretkey,
               std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  socket.set(zmq::sockopt::curve_server, binding.secret.has_value());
}

/// A socket that listens already. libzmq closes it, and sets none of its options.
void use(zmq::socket_t& socket, int listening) {
  const int bytes = socket.get(zmq::sockopt::rcvbuf);
  if (bytes > 0) (void)::setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  socket.set(zmq::sockopt::use_fd, listening);
}

} // namespace

void prepare_socket(zmq::socket_t& socket, int most_bytes) {
  socket.set(zmq::sockopt::maxmsgsize, std::int64_t{most_bytes});
  constexpr int longest_handshake_ms = 5000;
  socket.set(zmq::sockopt::handshake_ivl, longest_handshake_ms);
  // Those who find no place at the door come again after a second only: when the registry is back, all come
  // at once. The kernel has a bound of its own (net.core.somaxconn). With thousands a flood of connections
  // costs those who are in 26 times the latency (scripts/bench attack); so many cost them nothing.
  constexpr int waiting_to_be_accepted = 512;
  socket.set(zmq::sockopt::backlog, waiting_to_be_accepted);
  // 15 + 3 * 5 s, also when data waits for it.
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, 15);
  socket.set(zmq::sockopt::tcp_keepalive_intvl, 5);
  socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
  socket.set(zmq::sockopt::tcp_maxrt, 30'000);
}

std::string bind_socket(zmq::socket_t& socket, const Binding& binding, ListeningSockets* listening) {
  constexpr int none = -1;
  const std::string& endpoint = binding.endpoint;
  try {
    set_mechanism(socket, binding);
    if (endpoint.find('[') != std::string::npos) socket.set(zmq::sockopt::ipv6, true);
    const auto there = listening != nullptr ? listening->take(endpoint) : std::nullopt;
    if (there) use(socket, *there);
    socket.bind(bindable(endpoint));
    if (there) socket.set(zmq::sockopt::use_fd, none);
  } catch (const zmq::error_t& error) {
    throw BindError("can't bind " + endpoint + ": " + error.what(), endpoint, error.num());
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

} // namespace registry_core
