#include "actors/registry/ZmqReceiver.hpp"

#include "clients/cpp/src/envelopes.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

#include <zmq.hpp>

namespace actors::registry {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_wait(std::numeric_limits<int>::max());

} // namespace

struct ZmqReceiver::State {
  explicit State(const std::string& at) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, std::int64_t{largest_message});
    find_out_about_the_dead(socket);
    if (at.find('[') != std::string::npos) socket.set(zmq::sockopt::ipv6, true);
    bind_socket(socket, at);
    endpoint = socket.get(zmq::sockopt::last_endpoint);
  }

  /// What has arrived. Frames in front of the last one say nothing.
  std::optional<Envelope> take() {
    zmq::message_t frame;
    while (receive_now(socket, frame)) {
      if (frame.more()) continue;
      if (auto envelope = parse_envelope(frame.to_string_view())) return envelope;
    }
    return std::nullopt;
  }

  MakingProcess process;
  zmq::context_t context = new_context();
  zmq::socket_t socket = new_socket(context, zmq::socket_type::pull);
  std::string endpoint;
};

ZmqReceiver::ZmqReceiver(const std::string& endpoint) : state_(left_to_parent(new State(endpoint))) {}
ZmqReceiver::ZmqReceiver(ZmqReceiver&&) noexcept = default;
ZmqReceiver& ZmqReceiver::operator=(ZmqReceiver&&) noexcept = default;
ZmqReceiver::~ZmqReceiver() = default;

const std::string& ZmqReceiver::endpoint() const noexcept {
  return state_->endpoint;
}

std::optional<Envelope> ZmqReceiver::receive(milliseconds timeout) {
  state_->process.check("receiver");
  const auto deadline = Clock::now() + std::clamp(timeout, milliseconds(0), longest_wait);
  for (;;) {
    if (auto envelope = state_->take()) return envelope;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds(0)) return std::nullopt;
    zmq::pollitem_t item{state_->socket.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, static_cast<long>(left.count())) < 0) {
      if (zmq_errno() == EINTR) return std::nullopt;
      throw_zmq_error("waiting for messages");
    }
  }
}

} // namespace actors::registry
