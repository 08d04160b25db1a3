#include "registry_core/event_socket.hpp"

#include "registry_core/event_message.hpp"

#include <climits>
#include <ctime>
#include <utility>

namespace registry_core {

namespace {

/// Changes come in crowds, when a manager with thousands of actors starts or is forgotten.
constexpr std::size_t events_for_each_reply = 10;

// libzmq keeps the topics of all listeners in a tree with a node of some 32 bytes for each of their bytes,
// and walks through all of it whenever one of them goes. So they are few, and short.

/// Of a frame. A topic is a name with a word in front, and what CURVE and a handshake put around it is less
/// than the rest.
constexpr int largest_subscription = 1024;
/// Of one connection, in bytes; a listener needs a handful of topics, or all.
constexpr std::size_t most_topics = 64UL * 1024;
/// Of all connections together, beside what each has for itself.
constexpr std::size_t most_shared_topics = 256UL * 1024;
constexpr std::size_t bytes_beside_a_topic = 8;
/// libzmq reads a listener's subscriptions until it finds no more, and nobody else has a turn meanwhile: of
/// 1,000 it finds no end while listeners go on sending, of 2 it does (measured). With 1 it never goes on.
constexpr int subscriptions_under_way = 2;
constexpr int bytes_under_way =
    8 * 1024; ///< in the kernel: what is there is read even when its connection is ended

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
  prepare_socket(socket_, largest_subscription);
  socket_.set(zmq::sockopt::rcvhwm, subscriptions_under_way);
  socket_.set(zmq::sockopt::rcvbuf, bytes_under_way);
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
  gate_.connections().add_topics(*connection, message.size() + bytes_beside_a_topic);
  if (connection->topics > most_topics)
    end(descriptor, "subscribes without end");
  else if (is_admitted && client && !client->permissions.may_listen())
    end(descriptor, "may not list every name any more");
  else if (gate_.connections().shared_topics() > most_shared_topics)
    end(*gate_.connections().busiest_listener(),
        "has subscribed to the most, and all together have to more than can be kept");
}

void EventSocket::end(int descriptor, const char* why) {
  auto& connections = gate_.connections();
  gate_.end_listener(descriptor, *connections.find(descriptor), why);
  connections.remove(descriptor);
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
