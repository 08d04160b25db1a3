#include "clients/cpp/src/dealer.hpp"

#include "actors/registry/errors.hpp"

namespace actors::registry {

Dealer::Dealer(zmq::context_t& context, std::string endpoint)
    : endpoint_(std::move(endpoint)), socket_(context, zmq::socket_type::dealer) {
  socket_.set(zmq::sockopt::linger, 0);
  // With IPv6 on, libzmq takes a name's IPv6 address alone: "localhost" would miss a registry on 127.0.0.1.
  if (endpoint_.find('[') != std::string::npos) socket_.set(zmq::sockopt::ipv6, true);
  try {
    socket_.connect(endpoint_);
  } catch (const zmq::error_t& error) {
    throw RegistryError("registry " + endpoint_ + ": can't connect: " + error.what());
  }
}

void Dealer::send(const std::string& text) {
  // The result says whether the queue had room.
  [[maybe_unused]] const auto sent = socket_.send(zmq::buffer(text), zmq::send_flags::dontwait);
}

std::optional<std::string> Dealer::receive() {
  zmq::message_t frame;
  if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;
  while (frame.more()) { // a delimiter, from a registry that answers as a REP socket would
    if (!socket_.recv(frame, zmq::recv_flags::none)) return std::nullopt;
  }
  return frame.to_string();
}

} // namespace actors::registry
