#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <zmq.hpp>
#include <zmq_addon.hpp>

/// Something that answers where a registry should: each request with the messages that a function makes of
/// it, in which nothing need be right.
class FakeRegistry {
public:
  using Answer = std::function<std::vector<std::string>(const nlohmann::json& request)>;

  explicit FakeRegistry(Answer answer) : answer_(std::move(answer)) {
    router_.bind("tcp://127.0.0.1:*");
    endpoint_ = router_.get(zmq::sockopt::last_endpoint);
    stop_.bind("inproc://stop");
    thread_ = std::thread([this] { run(); });
  }
  ~FakeRegistry() {
    zmq::socket_t stop(context_, zmq::socket_type::pair);
    stop.connect("inproc://stop");
    stop.send(zmq::str_buffer(""));
    thread_.join();
  }
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

private:
  void run() {
    for (;;) {
      std::vector<zmq::pollitem_t> items = {{router_.handle(), 0, ZMQ_POLLIN, 0},
                                            {stop_.handle(), 0, ZMQ_POLLIN, 0}};
      zmq::poll(items, std::chrono::milliseconds(-1));
      if (items[1].revents) return;
      std::vector<zmq::message_t> parts;
      if (!zmq::recv_multipart(router_, std::back_inserter(parts))) return;
      for (const std::string& reply : answer_(nlohmann::json::parse(parts.back().to_string_view()))) {
        router_.send(zmq::buffer(parts.front().to_string_view()), zmq::send_flags::sndmore);
        router_.send(zmq::buffer(reply));
      }
    }
  }

  Answer answer_;
  zmq::context_t context_;
  zmq::socket_t router_{context_, zmq::socket_type::router};
  zmq::socket_t stop_{context_, zmq::socket_type::pair};
  std::string endpoint_;
  std::thread thread_;
};
