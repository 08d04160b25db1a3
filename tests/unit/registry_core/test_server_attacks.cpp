#include "registry_core/server.hpp"

#include "tests/unit/registry_core/requests.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zmq.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using nlohmann::json;
using registry_core::ServerOptions;
using requests::lookup;

namespace {

/// One that may call itself what it likes, and come from any loopback address.
class NamedPeer {
public:
  explicit NamedPeer(zmq::socket_type type = zmq::socket_type::dealer) : socket_(context_, type) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 20'000);
  }
  NamedPeer& called(const std::string& id) {
    socket_.set(zmq::sockopt::routing_id, id);
    return *this;
  }
  NamedPeer& connect(const std::string& endpoint, const std::string& from = "127.0.0.1") {
    constexpr std::string_view scheme = "tcp://";
    socket_.connect("tcp://" + from + ":0;" + endpoint.substr(scheme.size()));
    return *this;
  }
  json ask(const json& request) {
    socket_.send(zmq::buffer(request.dump()));
    zmq::message_t reply;
    return socket_.recv(reply) ? json::parse(reply.to_string()) : json();
  }
  zmq::socket_t& socket() { return socket_; }
  /// Something that says whether the event has come, within the time. Before connect().
  std::function<bool()> watch_for(int event) {
    zmq_socket_monitor(socket_.handle(), "inproc://watch", event);
    events_.connect("inproc://watch");
    events_.set(zmq::sockopt::rcvtimeo, 20'000);
    return [this] {
      zmq::message_t event;
      return events_.recv(event).has_value();
    };
  }

private:
  zmq::context_t context_;
  zmq::socket_t socket_;
  zmq::socket_t events_{context_, zmq::socket_type::pair};
};

/// What libzmq's ROUTERs would call their first peers, did nobody see to it: it counts on from two numbers of
/// rand(), each of them from two more than the one before.
std::vector<std::uint32_t> foreseen_beginnings(int how_many) {
  std::srand(1); // NOLINT(cert-msc51-cpp): what a process begins with that says nothing
  std::vector<std::uint32_t> beginnings;
  for (int i = 0; i < how_many; ++i) {
    const auto low = static_cast<std::uint32_t>(std::rand());  // NOLINT(concurrency-mt-unsafe,cert-msc50-cpp)
    const auto high = static_cast<std::uint32_t>(std::rand()); // NOLINT(concurrency-mt-unsafe,cert-msc50-cpp)
    constexpr unsigned highest_bit = 31;
    beginnings.push_back((high << highest_bit) | low);
  }
  std::srand(1); // NOLINT(cert-msc51-cpp)
  return beginnings;
}

std::string generated_id(std::uint32_t number) {
  std::string id(1, '\0');
  for (const int shift : {24, 16, 8, 0})
    id += static_cast<char>(number >> shift);
  return id;
}

/// A registry with events, and its log.
class Watched {
public:
  Watched() {
    ServerOptions options;
    options.events_endpoint = "tcp://127.0.0.1:*";
    options.log = [this](const registry_core::LogEntry& entry) {
      const std::lock_guard lock(mutex_);
      log_ += entry.text + "\n";
    };
    server_ = std::make_unique<RunningServer>(std::move(options));
  }
  [[nodiscard]] bool says(const std::string& text) {
    return eventually([&] {
      const std::lock_guard lock(mutex_);
      return log_.find(text) != std::string::npos;
    });
  }
  [[nodiscard]] const std::string& endpoint() const { return server_->endpoint(); }
  [[nodiscard]] const std::string& events() const { return server_->events_endpoint(); }

private:
  std::mutex mutex_;
  std::string log_;
  std::unique_ptr<RunningServer> server_;
};

/// Names topics, one after the other.
void subscribe(NamedPeer& listener, int topics, std::size_t bytes) {
  for (int i = 0; i < topics; ++i) {
    std::string topic = "\1actor/" + std::to_string(i) + "/";
    topic.resize(std::max(bytes, topic.size()), 'x');
    listener.socket().send(zmq::buffer(topic), zmq::send_flags::dontwait);
  }
}

/// How many may wait to be accepted at an endpoint of this process; 0 where nobody listens there.
unsigned places_at_the_door(const std::string& endpoint) {
  const int port = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  constexpr int descriptors = 1000;
  for (int descriptor = 0; descriptor < descriptors; ++descriptor) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) continue;
    sockaddr_in address{};
    size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    if (address.sin_family != AF_INET || ntohs(address.sin_port) != port) continue;
    tcp_info info{};
    size = sizeof info;
    ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_sacked; // of a socket that listens: its backlog
  }
  return 0;
}

bool hears(NamedPeer& listener) {
  zmq::message_t event;
  return listener.socket().recv(event).has_value();
}

} // namespace

TEST_CASE("many may wait at the door, as they do when the registry comes back") {
  const Watched registry;
  unsigned most = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  REQUIRE(most > 0);
  CHECK(places_at_the_door(registry.endpoint()) == std::min(most, 512U));
  CHECK(places_at_the_door(registry.events()) == std::min(most, 512U));
}

// libzmq ends the process where a peer has called itself what it would call the next one.
TEST_CASE("what libzmq will call a peer can't be foreseen, so nobody can take it") {
  constexpr int sockets = 4;
  const auto beginnings = foreseen_beginnings(sockets);
  const RunningServer server;
  constexpr std::uint32_t peers = 8;
  std::vector<std::unique_ptr<NamedPeer>> takers;
  for (const std::uint32_t beginning : beginnings)
    for (std::uint32_t i = 2 * peers; i < 3 * peers; ++i) {
      takers.push_back(std::make_unique<NamedPeer>());
      takers.back()->called(generated_id(beginning + i)).connect(server.endpoint());
      CHECK_FALSE(takers.back()->ask(lookup).is_null());
    }
  for (std::uint32_t i = 0; i < 3 * peers; ++i)
    CHECK_FALSE(NamedPeer().connect(server.endpoint()).ask(lookup).is_null());
}

TEST_CASE("who calls itself what another was called is not taken for it") {
  const RunningServer server;
  const std::string id = generated_id(7);
  {
    NamedPeer first;
    CHECK_FALSE(
        first.called(id).connect(server.endpoint(), "127.0.0.2").ask(requests::heartbeat("First")).is_null());
  }
  json managers;
  CHECK(eventually([&] {
    NamedPeer second;
    second.called(id).connect(server.endpoint(), "127.0.0.3").socket().set(zmq::sockopt::rcvtimeo, 300);
    if (second.ask(requests::heartbeat("Second")).is_null())
      return false; // the first one's place is not free yet
    managers = NamedPeer().connect(server.endpoint()).ask({{"message_type", "ListManagers"}}).at("managers");
    return true;
  }));
  REQUIRE(managers.size() == 2);
  CHECK(managers[0]["address"] == "127.0.0.2");
  CHECK(managers[1]["address"] == "127.0.0.3");
}

TEST_CASE("a topic longer than any name ends its listener's connection, and no other") {
  Watched registry;
  NamedPeer listener(zmq::socket_type::sub);
  listener.connect(registry.events()).socket().set(zmq::sockopt::subscribe, "");
  CHECK(hears(listener));
  NamedPeer hostile(zmq::socket_type::xsub);
  const auto is_ended = hostile.watch_for(ZMQ_EVENT_DISCONNECTED);
  hostile.connect(registry.events());
  subscribe(hostile, 1, 2000);
  CHECK(is_ended());
  CHECK(hears(listener));
}

TEST_CASE("a listener that subscribes to more than it may is ended") {
  Watched registry;
  NamedPeer listener(zmq::socket_type::sub);
  listener.connect(registry.events()).socket().set(zmq::sockopt::subscribe, "");
  CHECK(hears(listener));
  NamedPeer hostile(zmq::socket_type::xsub);
  hostile.connect(registry.events());
  subscribe(hostile, 500, 250);
  CHECK(registry.says("a listener from 127.0.0.1 subscribes without end: its connection is ended"));
  CHECK(hears(listener));
}

TEST_CASE("where listeners together subscribe to too much, the busiest goes") {
  Watched registry;
  NamedPeer listener(zmq::socket_type::sub);
  listener.connect(registry.events()).socket().set(zmq::sockopt::subscribe, "");
  std::vector<std::unique_ptr<NamedPeer>> crowd;
  for (int i = 0; i < 6; ++i) {
    crowd.push_back(std::make_unique<NamedPeer>(zmq::socket_type::xsub));
    crowd.back()->connect(registry.events());
    subscribe(*crowd.back(), 230, 250);
  }
  CHECK(registry.says("a listener from 127.0.0.1 has subscribed to the most"));
  CHECK(hears(listener));
}
