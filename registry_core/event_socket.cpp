#include "registry_core/event_socket.hpp"

#include "registry_core/event_message.hpp"
#include "registry_core/sockets.hpp"

#include <ctime>

namespace registry_core {

namespace {

/// Changes come in crowds, when a manager with thousands of actors starts or is forgotten.
constexpr std::size_t events_for_each_reply = 10;

std::int64_t wall_clock() {
  constexpr std::int64_t nanos_per_second = 1'000'000'000;
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

} // namespace

EventSocket::EventSocket(zmq::context_t& context, const std::string& endpoint, const Limits& limits,
                         ListeningSockets* listening)
    : socket_(context, zmq::socket_type::xpub) {
  prepare_socket(socket_);
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::sndhwm, static_cast<int>(limits.peer_queue * events_for_each_reply));
  bound_ = bind_socket(socket_, endpoint, listening);
}

/// The socket tells of the first listener to a topic and of the last one's leaving.
void EventSocket::take_subscriptions() {
  zmq::message_t message;
  while (socket_.recv(message, zmq::recv_flags::dontwait)) {
    const auto* const bytes = static_cast<const char*>(message.data());
    if (!message.empty() && bytes[0] == 1) ++topics_;
    if (!message.empty() && bytes[0] == 0 && topics_ != 0) --topics_;
  }
}

void EventSocket::publish(const Event& event, const std::string& run, const std::string& epoch) {
  if (topics_ == 0 || event.kind == Event::Kind::local_only) return;
  socket_.send(zmq::buffer(topic_of(event)), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  socket_.send(zmq::buffer(event_message(event, run, epoch, wall_clock())), zmq::send_flags::dontwait);
  ++published_;
}

} // namespace registry_core
