#include "registry_core/security/zap_socket.hpp"

#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/security/curve_key.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace registry_core {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";
constexpr std::size_t fixed_frames = 6; ///< version, request id, domain, address, identity, mechanism

struct Status {
  std::string_view code;
  std::string_view text;
};

/// After 400 a libzmq client gives up for good; after 300 it tries again, for that may change without it.
Status status_of(Access::Outcome outcome) {
  switch (outcome) {
  case Access::Outcome::admitted: return {"200", "OK"};
  case Access::Outcome::unknown_key: return {"400", "key not accepted"};
  case Access::Outcome::no_listener: return {"400", "this key may not listen to events"};
  case Access::Outcome::address_refused: break;
  }
  return {"300", "address not allowed"};
}

std::string_view text_of(const zmq::message_t& frame) {
  return {static_cast<const char*>(frame.data()), frame.size()};
}

} // namespace

ZapSocket::ZapSocket(zmq::context_t& context, Judge judge)
    : socket_(context, zmq::socket_type::rep), judge_(std::move(judge)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind(zap_endpoint);
}

/// The parts of one message arrive together, so none but the first is waited for.
bool ZapSocket::receive() {
  frame_count_ = 0;
  do {
    if (frame_count_ == frames_.size()) frames_.emplace_back();
    const auto flags = frame_count_ == 0 ? zmq::recv_flags::dontwait : zmq::recv_flags::none;
    if (!socket_.recv(frames_[frame_count_], flags)) return false;
    ++frame_count_;
  } while (frames_[frame_count_ - 1].more());
  return true;
}

void ZapSocket::answer() {
  ConnectionRequest request;
  std::string_view id;
  Access::Verdict verdict{Access::Outcome::address_refused, nullptr};
  if (frame_count_ >= fixed_frames) {
    id = text_of(frames_[1]);
    request.domain = text_of(frames_[2]);
    request.address = peer_host(text_of(frames_[3]));
    request.mechanism = text_of(frames_[5]);
    if (frame_count_ > fixed_frames && frames_[fixed_frames].size() == CurveKey::size) {
      CurveKey::Bytes bytes{};
      std::copy_n(static_cast<const unsigned char*>(frames_[fixed_frames].data()), bytes.size(),
                  bytes.begin());
      request.key = CurveKey(bytes).text();
    }
    verdict = judge_(request);
  }
  const Status status = status_of(verdict.outcome);
  // Without a name from here a peer could bring one of its own along (a property of its handshake).
  const std::string_view user = verdict.client ? verdict.client->key : Access::plain_user;
  const std::array<std::string_view, 6> reply = {"1.0", id, status.code, status.text, user, ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const auto flags = i + 1 < reply.size() ? zmq::send_flags::sndmore | zmq::send_flags::dontwait
                                            : zmq::send_flags::dontwait;
    if (!socket_.send(zmq::buffer(reply.at(i)), flags)) return;
  }
}

bool ZapSocket::work(int most) {
  for (; most > 0; --most) {
    if (!receive()) return false;
    answer();
  }
  return true;
}

} // namespace registry_core
