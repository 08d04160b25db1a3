#include "registry_core/actor_socket.hpp"

#include "registry_core/protocol/encode.hpp"
#include "registry_core/reachable_endpoint.hpp"

#include <utility>

namespace registry_core {

namespace {

/// Messages that wait for the registry; senders beyond that wait themselves.
constexpr int request_queue = 10'000;

} // namespace

class ActorSocket::Request : public Incoming {
public:
  explicit Request(ActorSocket& socket) : socket_(socket) {}

  Received::Kind receive(const Now& now) {
    if (!socket_.receive_one(body_)) return Received::Kind::nothing;
    if (!socket_.gate_.admits(body_, now.monotonic, client)) return Received::Kind::refused;
    arrived = now;
    denial_said = false;
    address_ = address_of(body_);
    return Received::Kind::request;
  }

  const protocol::Request& decode() override {
    auto& reader = socket_.reader_;
    const bool too_large = body_.size() > socket_.message_bytes_;
    kind_ = too_large ? Kind::plain : reader.read({static_cast<const char*>(body_.data()), body_.size()});
    sender_ = kind_ == Kind::plain ? std::string_view() : reader.sender_endpoint();
    if (!too_large && kind_ != Kind::rejected)
      return socket_.gate_.restrict(reader.request(), *this, refused_);
    refused_ =
        protocol::Refusal{too_large ? protocol::ErrorCode::too_large : protocol::ErrorCode::unknown_type,
                          too_large ? std::string() : std::string(reader.why()),
                          false,
                          {}};
    return refused_;
  }
  /// Senders are told apart by where they want to be answered; those who don't are one.
  [[nodiscard]] std::string_view peer() const override { return sender_; }
  const std::string& address() override { return address_; }
  std::string local_host() override { return {}; }

  /// A plain request gets none.
  void reply(const protocol::Reply& reply) override {
    const auto& reader = socket_.reader_;
    if (kind_ == Kind::plain) return;
    const auto receiver = reader.sender_actor();
    if (kind_ == Kind::rejected) {
      const auto text =
          protocol::encode_reject(receiver, socket_.bound_, reader.message_type(), reader.why());
      return socket_.answer(sender_, address_, receiver, text);
    }
    protocol::encode(reply, reader.request_id(), socket_.reply_text_);
    socket_.answer(sender_, address_, receiver,
                   protocol::encode_actor_reply(receiver, socket_.bound_, protocol::type_of(reply),
                                                socket_.reply_text_));
  }
  std::unique_ptr<Incoming> keep() override { return std::move(socket_.next_); }

private:
  using Kind = protocol::ActorMessageReader::Kind;

  ActorSocket& socket_;
  zmq::message_t body_;
  Kind kind_ = Kind::plain;
  std::string sender_, address_;
  protocol::Request refused_;
};

ActorSocket::ActorSocket(zmq::context_t& context, const Binding& binding, const ServerSettings& settings,
                         Counters& counters, Gate& gate, std::function<void(const LogEntry&)> log,
                         ListeningSockets* listening)
    : socket_(context, zmq::socket_type::pull), counters_(counters), gate_(gate),
      guard_(context, socket_, gate.connections(), gate.on_refused()), log_(std::move(log)),
      message_bytes_(settings.limits.message_bytes), reply_networks_(settings.reply_networks),
      connections_(settings.limits.push_connections, settings.limits.peer_queue) {
  prepare_socket(socket_);
  socket_.set(zmq::sockopt::rcvhwm, request_queue);
  bound_ = bind_socket(socket_, binding, listening);
}

ActorSocket::~ActorSocket() = default;

void ActorSocket::change_settings(const ServerSettings& settings) {
  reply_networks_ = Networks(settings.reply_networks);
  message_bytes_ = settings.limits.message_bytes;
  connections_.change_most(settings.limits.push_connections);
}

/// The last frame of a message; those in front of it say nothing here.
bool ActorSocket::receive_one(zmq::message_t& body) {
  if (!socket_.recv(body, zmq::recv_flags::dontwait)) return false;
  while (body.more()) {
    if (!socket_.recv(body, zmq::recv_flags::none)) return false;
  }
  return true;
}

Received ActorSocket::receive(const Now& now) {
  if (!next_) next_ = std::make_unique<Request>(*this);
  return {next_->receive(now), next_.get()};
}

void ActorSocket::answer(std::string_view sender_endpoint, std::string_view peer,
                         std::string_view sender_actor, const std::string& text) {
  const auto target = push_target(sender_endpoint, peer, reply_networks_);
  if (target && connections_.send(*target, text)) return;
  counters_.count_dropped_reply();
  if (target || !log_) return;
  log_({LogLevel::warning,
        "a message of actor '" + std::string(sender_actor) + "' from " + std::string(peer) +
            " wants its answer at '" + std::string(sender_endpoint) +
            "', which is neither its own address nor in reply_networks: not answered",
        "reply_refused",
        {},
        std::string(sender_actor)});
}

} // namespace registry_core
