#include "clients/cpp/src/subscriber.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <array>
#include <cerrno>
#include <poll.h>

namespace actors::registry {

namespace {

/// Whoever lists a big registry reads no events for a while.
constexpr int most_queued = 100'000;

} // namespace

Subscriber::Subscriber(zmq::context_t& context, std::string endpoint, const CurveKeys& keys,
                       const std::vector<std::string>& topics)
    : endpoint_(std::move(endpoint)), socket_(new_socket(context, zmq::socket_type::sub)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvhwm, most_queued);
  if (endpoint_.find('[') != std::string::npos) socket_.set(zmq::sockopt::ipv6, true);
  if (topics.empty()) subscribe("");
  for (const std::string& topic : topics)
    subscribe(topic);
  if (!topics.empty()) subscribe(tick_topic);
  use_keys(socket_, keys);
  handshake_.emplace(context, socket_, static_cast<bool>(keys));
  connect_socket(socket_, endpoint_, "the registry's events ");
}

void Subscriber::subscribe(const std::string& topic) {
  socket_.set(zmq::sockopt::subscribe, topic);
}

std::optional<Subscriber::Message> Subscriber::receive() {
  auto message = take();
  if (message) {
    handshake_.reset();
  } else if (handshake_) {
    handshake_->look();
    if (handshake_->is_over())
      throw_fault(handshake_->fault(),
                  "the registry's events " + endpoint_ + ": " + text_of(handshake_->fault()));
  }
  return message;
}

std::optional<Subscriber::Message> Subscriber::take() {
  for (;;) {
    zmq::message_t topic;
    if (!receive_now(socket_, topic)) return std::nullopt;
    zmq::message_t last;
    int frames = 1;
    for (bool more = topic.more(); more; more = last.more(), ++frames) {
      if (!receive_now(socket_, last)) return std::nullopt;
    }
    if (frames == 2) return Message{topic.to_string(), last.to_string()};
  }
}

bool Subscriber::wait(Clock::duration longest) {
  std::array<pollfd, 2> descriptors = {{{socket_.get(zmq::sockopt::fd), POLLIN, 0}, {-1, POLLIN, 0}}};
  if (handshake_) descriptors[1].fd = handshake_->descriptor();
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (poll(descriptors.data(), descriptors.size(), static_cast<int>(timeout)) >= 0) return true;
  if (errno != EINTR) throw RegistryError("poll failed");
  return false;
}

} // namespace actors::registry
