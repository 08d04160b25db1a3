#include "clients/cpp/src/zmq_calls.hpp"

#include "actors/registry/errors.hpp"

#include <cerrno>

namespace actors::registry {

namespace {

/// What the call returns once no signal has ended it.
template<typename Call>
int undisturbed(Call call) {
  int result = call();
  while (result < 0 && zmq_errno() == EINTR)
    result = call();
  return result;
}

} // namespace

zmq::context_t new_context() {
  try {
    return zmq::context_t(1);
  } catch (const zmq::error_t&) {
    throw_zmq_error("no ZeroMQ context");
  }
}

zmq::socket_t new_socket(zmq::context_t& context, zmq::socket_type type) {
  try {
    return zmq::socket_t(context, type);
  } catch (const zmq::error_t&) {
    throw_zmq_error("no ZeroMQ socket");
  }
}

void connect_socket(zmq::socket_t& socket, const std::string& endpoint, const std::string& whose) {
  if (undisturbed([&] { return zmq_connect(socket.handle(), endpoint.c_str()); }) < 0)
    throw_zmq_error(whose + endpoint + ": can't connect");
}

void bind_socket(zmq::socket_t& socket, const std::string& endpoint) {
  if (undisturbed([&] { return zmq_bind(socket.handle(), endpoint.c_str()); }) < 0)
    throw_zmq_error("can't listen at " + endpoint);
}

void monitor_socket(zmq::socket_t& socket, const std::string& address, int events) {
  if (undisturbed([&] { return zmq_socket_monitor(socket.handle(), address.c_str(), events); }) < 0)
    throw_zmq_error("can't watch a connection");
}

void find_out_about_the_dead(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, 15);
  socket.set(zmq::sockopt::tcp_keepalive_intvl, 5);
  socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
}

bool send_now(zmq::socket_t& socket, std::string_view bytes) {
  const int sent =
      undisturbed([&] { return zmq_send(socket.handle(), bytes.data(), bytes.size(), ZMQ_DONTWAIT); });
  if (sent < 0 && zmq_errno() != EAGAIN) throw_zmq_error("can't send");
  return sent >= 0;
}

bool receive_now(zmq::socket_t& socket, zmq::message_t& frame) {
  const int received =
      undisturbed([&] { return zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT); });
  if (received < 0 && zmq_errno() != EAGAIN) throw_zmq_error("can't receive");
  return received >= 0;
}

void throw_zmq_error(const std::string& what) {
  throw RegistryError(what + ": " + zmq_strerror(zmq_errno()));
}

} // namespace actors::registry
