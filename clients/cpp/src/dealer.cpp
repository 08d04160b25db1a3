#include "clients/cpp/src/dealer.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <algorithm>

namespace actors::registry {

int poll_timeout(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

Dealer::Dealer(zmq::context_t& context, std::string endpoint, const CurveKeys& keys)
    : endpoint_(std::move(endpoint)), socket_(new_socket(context, zmq::socket_type::dealer)) {
  use_keys(socket_, keys);
  handshake_.emplace(context, socket_, static_cast<bool>(keys));
  socket_.set(zmq::sockopt::linger, 0);
  // With IPv6 on, libzmq takes a name's IPv6 address alone: "localhost" would miss a registry on 127.0.0.1.
  if (endpoint_.find('[') != std::string::npos) socket_.set(zmq::sockopt::ipv6, true);
  connect_socket(socket_, endpoint_, "registry ");
}

void Dealer::send(const std::string& text) {
  (void)send_now(socket_, text);
}

std::optional<std::string> Dealer::receive() {
  zmq::message_t frame;
  if (!receive_now(socket_, frame)) return std::nullopt;
  return last_of(frame);
}

std::optional<std::string> Dealer::receive(Clock::time_point until) {
  socket_.set(zmq::sockopt::rcvtimeo, poll_timeout(until));
  zmq::message_t frame;
  if (zmq_msg_recv(frame.handle(), socket_.handle(), 0) >= 0) return last_of(frame);
  if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) return std::nullopt;
  throw_zmq_error("registry " + endpoint_);
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
  while (frame.more() && receive_now(socket_, frame)) {
  }
  return frame.to_string();
}

} // namespace actors::registry
