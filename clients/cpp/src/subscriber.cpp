#include "clients/cpp/src/subscriber.hpp"

#include "actors/registry/errors.hpp"

#include <cerrno>
#include <poll.h>

namespace actors::registry {

namespace {

/// Whoever lists a big registry reads no events for a while.
constexpr int most_queued = 100'000;

} // namespace

Subscriber::Subscriber(zmq::context_t& context, const std::string& endpoint,
                       const std::vector<std::string>& topics)
    : socket_(context, zmq::socket_type::sub) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvhwm, most_queued);
  if (endpoint.find('[') != std::string::npos) socket_.set(zmq::sockopt::ipv6, true);
  if (topics.empty()) subscribe("");
  for (const std::string& topic : topics)
    subscribe(topic);
  if (!topics.empty()) subscribe(tick_topic);
  try {
    socket_.connect(endpoint);
  } catch (const zmq::error_t& error) {
    throw RegistryError("the registry's events " + endpoint + ": can't connect: " + error.what());
  }
}

void Subscriber::subscribe(const std::string& topic) {
  socket_.set(zmq::sockopt::subscribe, topic);
}

std::optional<Subscriber::Message> Subscriber::receive() {
  for (;;) {
    zmq::message_t topic;
    if (!socket_.recv(topic, zmq::recv_flags::dontwait)) return std::nullopt;
    zmq::message_t last;
    int frames = 1;
    for (bool more = topic.more(); more; more = last.more(), ++frames) {
      if (!socket_.recv(last, zmq::recv_flags::dontwait)) return std::nullopt;
    }
    if (frames == 2) return Message{topic.to_string(), last.to_string()};
  }
}

bool Subscriber::wait(Clock::duration longest) {
  pollfd descriptor{socket_.get(zmq::sockopt::fd), POLLIN, 0};
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (poll(&descriptor, 1, static_cast<int>(timeout)) >= 0) return true;
  if (errno != EINTR) throw RegistryError("poll failed");
  return false;
}

} // namespace actors::registry
