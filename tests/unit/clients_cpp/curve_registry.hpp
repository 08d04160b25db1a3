#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include <nlohmann/json.hpp>
#include <zmq.hpp>
#include <zmq_addon.hpp>

/// A key pair as text.
struct KeyTexts {
  KeyTexts() : public_key(40, '\0'), secret_key(40, '\0') {
    zmq_curve_keypair(public_key.data(), secret_key.data());
  }
  std::string public_key, secret_key;
};

/// A registry with encrypted endpoints that answers everything as if it were a lookup or RegistryInfo, and
/// publishes ticks. It trusts everybody, or nobody.
class CurveRegistry {
public:
  explicit CurveRegistry(const KeyTexts& keys) {
    zap_.bind("inproc://zeromq.zap.01");
    bind(router_, keys);
    bind(events_, keys);
    stop_.bind("inproc://stop");
    thread_ = std::thread([this] { run(); });
  }
  ~CurveRegistry() {
    zmq::socket_t stop(context_, zmq::socket_type::pair);
    stop.connect("inproc://stop");
    stop.send(zmq::str_buffer(""));
    thread_.join();
  }
  [[nodiscard]] std::string endpoint() const { return router_.get(zmq::sockopt::last_endpoint); }

  std::atomic<bool> trusts_clients = true;
  std::atomic<bool> trusts_listeners = true;

private:
  static void bind(zmq::socket_t& socket, const KeyTexts& keys) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::zap_domain,
               socket.get(zmq::sockopt::type) == ZMQ_ROUTER ? "clients" : "listeners");
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, keys.secret_key);
    socket.bind("tcp://127.0.0.1:*");
  }

  void run() {
    for (;;) {
      std::vector<zmq::pollitem_t> items = {{zap_.handle(), 0, ZMQ_POLLIN, 0},
                                            {router_.handle(), 0, ZMQ_POLLIN, 0},
                                            {stop_.handle(), 0, ZMQ_POLLIN, 0}};
      zmq::poll(items, std::chrono::milliseconds(50));
      if (items[2].revents) return;
      if (items[0].revents) judge();
      if (items[1].revents) answer();
      publish();
    }
  }

  /// ZeroMQ RFC 27.
  void judge() {
    std::vector<zmq::message_t> asked;
    if (!zmq::recv_multipart(zap_, std::back_inserter(asked))) return;
    const bool trusted = asked[2].to_string_view() == "clients" ? trusts_clients : trusts_listeners;
    const std::string status = trusted ? "200" : "400";
    for (const std::string_view part :
         {asked[0].to_string_view(), asked[1].to_string_view(), std::string_view(status), std::string_view(),
          std::string_view("user")})
      zap_.send(zmq::buffer(part), zmq::send_flags::sndmore);
    zap_.send(zmq::str_buffer(""));
  }

  void answer() {
    std::vector<zmq::message_t> parts;
    if (!zmq::recv_multipart(router_, std::back_inserter(parts))) return;
    const auto request = nlohmann::json::parse(parts.back().to_string_view());
    nlohmann::json reply = {{"request_id", request["request_id"]},
                            {"actor_name", "A"},
                            {"endpoint", "tcp://h:1"},
                            {"online", true}};
    const bool info = request["message_type"] == "RegistryInfo";
    reply["message_type"] = info ? "RegistryInfo" : "LookupResult";
    reply["events_endpoint"] = events_.get(zmq::sockopt::last_endpoint);
    router_.send(zmq::buffer(parts.front().to_string_view()), zmq::send_flags::sndmore);
    router_.send(zmq::buffer(reply.dump()));
  }

  void publish() {
    const nlohmann::json tick = {{"event", "tick"}, {"run", "r"}, {"seq", ++seq_}};
    events_.send(zmq::str_buffer("registry/tick"), zmq::send_flags::sndmore);
    events_.send(zmq::buffer(tick.dump()));
  }

  zmq::context_t context_;
  zmq::socket_t zap_{context_, zmq::socket_type::rep};
  zmq::socket_t router_{context_, zmq::socket_type::router};
  zmq::socket_t events_{context_, zmq::socket_type::pub};
  zmq::socket_t stop_{context_, zmq::socket_type::pair};
  std::uint64_t seq_ = 0;
  std::thread thread_;
};
