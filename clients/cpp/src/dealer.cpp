#include "clients/cpp/src/dealer.hpp"

#include "actors/registry/errors.hpp"

#include <algorithm>

namespace actors::registry {

int poll_timeout(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

Dealer::Dealer(zmq::context_t& context, std::string endpoint, const CurveKeys& keys)
    : endpoint_(std::move(endpoint)), socket_(context, zmq::socket_type::dealer) {
  use_keys(socket_, keys);
  handshake_.emplace(context, socket_, static_cast<bool>(keys));
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
  return last_of(frame);
}

std::optional<std::string> Dealer::receive(Clock::time_point until) {
  socket_.set(zmq::sockopt::rcvtimeo, poll_timeout(until));
  zmq::message_t frame;
  // The C function, as a signal is no exception.
  if (zmq_msg_recv(frame.handle(), socket_.handle(), 0) >= 0) return last_of(frame);
  if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) return std::nullopt;
  throw RegistryError("registry " + endpoint_ + ": " + zmq_strerror(zmq_errno()));
}

void Dealer::add_descriptors(std::vector<pollfd>& descriptors) const {
  descriptors.push_back({socket_.get(zmq::sockopt::fd), POLLIN, 0});
  if (handshake_) descriptors.push_back({handshake_->descriptor(), POLLIN, 0});
}

Handshake::Fault Dealer::fault() {
  if (!handshake_) return Handshake::Fault::none;
  handshake_->look();
  return handshake_->fault();
}

bool Dealer::is_over() {
  if (!handshake_) return false;
  handshake_->look();
  return handshake_->is_over();
}

/// A message in front of which there may be a delimiter, from a registry that answers as a REP socket would.
/// All of its frames have arrived.
std::string Dealer::last_of(zmq::message_t& frame) {
  while (frame.more() && socket_.recv(frame, zmq::recv_flags::dontwait)) {
  }
  return frame.to_string();
}

} // namespace actors::registry
