#include "registry_core/event_socket.hpp"

#include "registry_core/event_message.hpp"

#include <climits>
#include <ctime>
#include <utility>

namespace registry_core {

namespace {

/// Changes come in crowds, when a manager with thousands of actors starts or is forgotten.
constexpr std::size_t events_for_each_reply = 10;

/// Of one connection; a listener needs a handful.
constexpr std::uint64_t most_subscriptions = 10'000;

std::int64_t wall_clock() {
  constexpr std::int64_t nanos_per_second = 1'000'000'000;
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

} // namespace

EventSocket::EventSocket(zmq::context_t& context, const Binding& binding, std::size_t endpoint,
                         const Limits& limits, Gate& gate, ListeningSockets* listening)
    : socket_(context, zmq::socket_type::xpub), gate_(gate),
      guard_(context, socket_, gate.connections(), gate.on_refused()), endpoint_(endpoint) {
  prepare_socket(socket_);
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::sndhwm, static_cast<int>(limits.peer_queue * events_for_each_reply));
  // Every subscription is to be seen, not only the first to a topic: it says whose the connection is.
  socket_.set(zmq::sockopt::xpub_verbose, true);
  bound_ = bind_socket(socket_, binding, listening);
}

bool EventSocket::take_subscriptions(Nanos monotonic, int most) {
  zmq::message_t message;
  for (; most > 0; --most) {
    if (!socket_.recv(message, zmq::recv_flags::dontwait)) return false;
    if (!std::exchange(continues_, message.more())) take_subscription(message, monotonic);
  }
  return true;
}

/// libzmq keeps every topic of every listener, without a bound.
void EventSocket::take_subscription(zmq::message_t& message, Nanos monotonic) {
  std::shared_ptr<const Client> client;
  const int descriptor = descriptor_of(message);
  if (descriptor < 0) return; // a listener that is gone takes its topics along
  const bool is_admitted = gate_.admits(message, monotonic, client);
  auto* connection = gate_.connections().find(descriptor);
  if (!connection) {
    guard_.work(INT_MAX); // he has come since the guard looked last
    connection = gate_.connections().find(descriptor);
  }
  if (!connection || connection->endpoint != endpoint_) return;
  if (client) connection->user = client->key;
  if (++connection->messages > most_subscriptions)
    gate_.end_listener(descriptor, *connection, "subscribes without end");
  else if (is_admitted && client && !client->permissions.may_listen())
    gate_.end_listener(descriptor, *connection, "may not list every name any more");
}

void EventSocket::end_untrusted() {
  guard_.work(INT_MAX);
  auto& connections = gate_.connections();
  const auto untrusted = connections.which([&](const ConnectionTable::Connection& one) {
    if (one.endpoint != endpoint_) return false;
    const auto client = gate_.access().client(one.user);
    return !client || !client->permissions.may_listen();
  });
  for (const int descriptor : untrusted)
    gate_.end_listener(descriptor, *connections.find(descriptor),
                       "is not trusted, or has yet to say who it is");
}

/// Whether anybody listens is a matter of connections, not of what listeners say: one may unsubscribe what
/// others have subscribed to, and libzmq passes that on.
void EventSocket::publish(const Event& event, const std::string& run, const std::string& epoch) {
  if (gate_.connections().of_endpoint(endpoint_) == 0 || event.kind == Event::Kind::local_only) return;
  socket_.send(zmq::buffer(topic_of(event)), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  socket_.send(zmq::buffer(event_message(event, run, epoch, wall_clock())), zmq::send_flags::dontwait);
  ++published_;
}

} // namespace registry_core
