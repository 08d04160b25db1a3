#include "registry_core/router_socket.hpp"

#include "registry_core/protocol/encode.hpp"
#include "registry_core/random.hpp"
#include "registry_core/reachable_endpoint.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace registry_core {

namespace {

/// libzmq learns only every half queue what a peer has read: twice the promised number of unanswered replies
/// keeps the promise.
int reply_queue(const Limits& limits) {
  return static_cast<int>(limits.peer_queue * 2 + limits.peer_queue / 10);
}

constexpr std::size_t most_kept_back = 64;
constexpr std::size_t most_addresses = 20'000;
constexpr std::size_t generated_id_size = 5; ///< a zero, and a number of 32 bits

void make_unforeseeable() {
  std::srand(random_number()); // NOLINT(cert-msc51-cpp,bugprone-random-generator-seed): from the kernel
}

/// libzmq calls peers by numbers, on from one of rand(), and ends the process where a peer has called itself
/// what it comes to (router_t, 4.3.4). rand() says the same in every process, unless it is seeded. And once
/// more, so that what it says later (libzmq's pauses between attempts to connect) tells nothing of that.
zmq::socket_t make_router(zmq::context_t& context) {
  make_unforeseeable();
  zmq::socket_t router(context, zmq::socket_type::router);
  make_unforeseeable();
  return router;
}

} // namespace

class RouterSocket::Request : public Incoming {
public:
  explicit Request(RouterSocket& socket) : socket_(socket) {}

  Received::Kind receive(const Now& now) {
    if (!envelope_.receive(socket_.socket_, socket_.message_bytes_)) return Received::Kind::nothing;
    if (!socket_.gate_.admits(envelope_.message(), now.monotonic, client)) return Received::Kind::refused;
    arrived = now;
    denial_said = false;
    address_known_ = false;
    return Received::Kind::request;
  }

  const protocol::Request& decode() override {
    if (!envelope_.too_large())
      return socket_.gate_.restrict(socket_.decoder_.decode(envelope_.body()), *this, refused_);
    refused_ = protocol::Refusal{protocol::ErrorCode::too_large,
                                 "a request has at most " + std::to_string(socket_.message_bytes_) +
                                     " bytes and " + std::to_string(most_frames) + " frames",
                                 false,
                                 {}};
    return refused_;
  }
  [[nodiscard]] std::string_view peer() const override { return envelope_.peer(); }
  [[nodiscard]] std::string local_host() override { return envelope_.local_host(); }
  const std::string& address() override {
    if (!std::exchange(address_known_, true)) address_ = socket_.address_of(envelope_);
    return address_;
  }

  void reply(const protocol::Reply& reply) override {
    const auto id = envelope_.too_large() ? protocol::RequestId{} : socket_.decoder_.request_id();
    Outgoing& outgoing = socket_.next_outgoing();
    protocol::encode(reply, id, outgoing.text);
    envelope_.take_front(outgoing.front);
    if (socket_.outgoing_size_ >= socket_.kept_back_) socket_.send_some();
  }
  std::unique_ptr<Incoming> keep() override { return std::move(socket_.next_); }

private:
  RouterSocket& socket_;
  Envelope envelope_;
  std::string address_;
  bool address_known_ = false;
  protocol::Request refused_;
};

RouterSocket::RouterSocket(zmq::context_t& context, const std::vector<Binding>& bindings,
                           const Limits& limits, Counters& counters, Gate& gate, ListeningSockets* listening)
    : socket_(make_router(context)), counters_(counters), gate_(gate),
      guard_(context, socket_, gate.connections(), gate.on_refused()), message_bytes_(limits.message_bytes) {
  prepare_socket(socket_);
  socket_.set(zmq::sockopt::linger, 1000);
  socket_.set(zmq::sockopt::router_mandatory, true);
  socket_.set(zmq::sockopt::sndhwm, reply_queue(limits));
  for (const Binding& binding : bindings)
    bound_.push_back(bind_socket(socket_, binding, listening));
}

RouterSocket::~RouterSocket() = default;

Received RouterSocket::receive(const Now& now) {
  if (!next_) next_ = std::make_unique<Request>(*this);
  auto kind = next_->receive(now);
  while (kind == Received::Kind::nothing) {
    kept_back_ = 1;
    if (outgoing_size_ == 0) return {};
    // Sending takes note of what has arrived meanwhile, and the descriptor then tells nobody of it any more.
    send_replies();
    kind = next_->receive(now);
  }
  return {kind, next_.get()};
}

/// libzmq finds an address by name in a map of each connection, which costs more than a heartbeat. What it
/// calls a connection itself begins with a zero. Nobody else is called so while that connection lives, but a
/// peer may call itself so afterwards.
std::string RouterSocket::address_of(Envelope& envelope) {
  const std::string_view peer = envelope.peer();
  if (peer.size() != generated_id_size || peer.front() != '\0') return peer_host(envelope.peer_address());
  if (std::exchange(goings_, guard_.goings()) != guard_.goings()) addresses_.clear();
  const auto known = addresses_.find(std::string(peer));
  if (known != addresses_.end()) return known->second;
  if (addresses_.size() >= most_addresses) addresses_.clear();
  return addresses_.emplace(peer, peer_host(envelope.peer_address())).first->second;
}

RouterSocket::Outgoing& RouterSocket::next_outgoing() {
  if (outgoing_size_ == outgoing_.size()) outgoing_.emplace_back();
  return outgoing_[outgoing_size_++];
}

/// The more there is, the more go together. Who asks alone has his reply before anything else is looked at.
void RouterSocket::send_some() {
  send_replies();
  kept_back_ = std::min(kept_back_ * 2, most_kept_back);
}

void RouterSocket::send_replies() {
  for (std::size_t i = 0; i < outgoing_size_; ++i) {
    if (!send_reply(socket_, outgoing_[i].front, outgoing_[i].text)) counters_.count_dropped_reply();
  }
  outgoing_size_ = 0;
}

} // namespace registry_core
