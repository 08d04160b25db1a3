#include "actors/registry/ActorRef.hpp"

#include "actors/registry/ZmqReceiver.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <array>
#include <atomic>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

using namespace actors::registry;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::atomic<int> alive = 0;

struct Order : Message {
  explicit Order(int n) : number(n) { ++alive; }
  ~Order() override { --alive; }
  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;
  [[nodiscard]] std::string message_type() const override { return "Order"; }
  [[nodiscard]] std::string json() const override { return "{\"number\":" + std::to_string(number) + "}"; }
  int number;
};

struct Long : Order {
  explicit Long(std::size_t size) : Order(0), size(size) {}
  [[nodiscard]] std::string json() const override { return "{\"text\":\"" + std::string(size, 'x') + "\"}"; }
  std::size_t size;
};

struct Padded : Order {
  using Order::Order;
  [[nodiscard]] std::string json() const override {
    return "{\"number\":" + std::to_string(number) + ",\"padding\":\"" + std::string(20'000, 'x') + "\"}";
  }
};

struct Wrong : Order {
  using Order::Order;
  [[nodiscard]] std::string json() const override { return "no object"; }
};

/// Of the connections of this process that were accepted at the port: whether TCP asks for a sign of life,
/// after how many seconds of silence, how often, and how many times.
std::vector<std::array<int, 4>> keepalive_at(in_port_t port) {
  constexpr std::array<std::array<int, 2>, 4> options = {{{SOL_SOCKET, SO_KEEPALIVE},
                                                          {IPPROTO_TCP, TCP_KEEPIDLE},
                                                          {IPPROTO_TCP, TCP_KEEPINTVL},
                                                          {IPPROTO_TCP, TCP_KEEPCNT}}};
  std::vector<std::array<int, 4>> found;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t own_size = sizeof(own);
    socklen_t peer_size = sizeof(peer);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) != 0) continue;
    if (own.sin_family != AF_INET || ntohs(own.sin_port) != port) continue;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) continue;
    auto& values = found.emplace_back();
    for (std::size_t i = 0; i < options.size(); ++i) {
      socklen_t size = sizeof(int);
      CHECK(getsockopt(fd, options[i][0], options[i][1], &values[i], &size) == 0);
    }
  }
  return found;
}

} // namespace

TEST_CASE("a message arrives with who sent it, and is answered") {
  ZmqSender sender;
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  ZmqReceiver answers("tcp://127.0.0.1:*");
  const Actor self("OrderProcessor", answers.endpoint());
  const ActorRef ref("RiskChecker", receiver.endpoint(), sender);
  CHECK(ref.send(new Order(7), &self));
  const auto order = receiver.receive(seconds(10));
  REQUIRE(order);
  CHECK(order->receiver == "RiskChecker");
  CHECK(order->message_type == "Order");
  CHECK(json::parse(order->message) == json{{"number", 7}});
  CHECK(order->sender_actor == "OrderProcessor");
  ActorRef(order->sender_actor, order->sender_endpoint, sender).send(Order(8));
  const auto answer = answers.receive(seconds(10));
  REQUIRE(answer);
  CHECK(answer->receiver == "OrderProcessor");
  CHECK(answer->sender_actor.empty());
  CHECK(answer->sender_endpoint.empty());
}

TEST_CASE("a message that was handed over is deleted, whatever became of it") {
  const auto sender = std::make_shared<ZmqSender>();
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  ActorRef("A", receiver.endpoint(), sender).send(new Order(1));
  CHECK_THROWS_AS(ActorRef("A", receiver.endpoint(), sender).send(new Wrong(1)), RegistryError);
  CHECK_THROWS_AS(ActorRef("A", "nonsense", sender).send(std::make_unique<Order>(1)), RegistryError);
  CHECK(alive == 0);
}

TEST_CASE("sending waits for nobody, and says when too much waits already") {
  // A port that nobody listens at: bound once, so that nobody else has it.
  std::string nowhere;
  {
    ZmqReceiver receiver("tcp://127.0.0.1:*");
    nowhere = receiver.endpoint();
  }
  const ZmqSender sender;
  const ActorRef ref("A", nowhere, sender);
  int sent = 0;
  while (sent < 10'000 && ref.send(Order(sent)))
    ++sent;
  CHECK(sent >= 1000);
  CHECK(sent < 10'000);
  ZmqReceiver receiver(nowhere);
  const auto first = receiver.receive(seconds(10));
  REQUIRE(first);
  CHECK(json::parse(first->message) == json{{"number", 0}});
}

TEST_CASE("what was sent to an actor that reads nothing for a while is not lost") {
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  const ZmqSender sender;
  const ActorRef ref("Busy", receiver.endpoint(), sender);
  int sent = 0;
  const auto busy_until = std::chrono::steady_clock::now() + seconds(12);
  while (std::chrono::steady_clock::now() < busy_until)
    if (ref.send(Padded(sent)))
      ++sent;
    else
      std::this_thread::sleep_for(milliseconds(20));
  CHECK(sent > 1000);
  int arrived = 0;
  for (; arrived < sent; ++arrived) {
    const auto order = receiver.receive(seconds(10));
    REQUIRE(order);
    REQUIRE(json::parse(order->message).at("number") == arrived);
  }
}

TEST_CASE("a sender may be used from many threads, and more endpoints than it keeps") {
  const ZmqSender sender;
  std::vector<ZmqReceiver> receivers;
  for (int i = 0; i < 4; ++i)
    receivers.emplace_back("tcp://127.0.0.1:*");
  std::vector<std::thread> threads;
  for (auto& receiver : receivers) {
    threads.emplace_back([&sender, endpoint = receiver.endpoint()] {
      for (int n = 0; n < 200; ++n)
        ActorRef("A", endpoint, sender).send(Order(n));
    });
  }
  threads.emplace_back([&sender] {
    for (int n = 1; n <= 300; ++n)
      ActorRef("B", "ipc:///nowhere/" + std::to_string(n), sender).send(Order(n));
  });
  for (auto& thread : threads)
    thread.join();
  for (auto& receiver : receivers) {
    std::size_t received = 0;
    while (received < 200 && receiver.receive(seconds(10)))
      ++received;
    CHECK(received == 200);
  }
}

TEST_CASE("a receiver waits no longer than it was told, and refuses what can't be listened at") {
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(receiver.receive(milliseconds(50)));
  CHECK(std::chrono::steady_clock::now() - begin >= milliseconds(50));
  CHECK_FALSE(receiver.receive(milliseconds(0)));
  CHECK_FALSE(receiver.receive(milliseconds(-1)));
  CHECK_THROWS_AS(ZmqReceiver(receiver.endpoint()), RegistryError);
  CHECK_THROWS_AS(ZmqReceiver("nonsense"), RegistryError);
}

TEST_CASE("what is too large to be received is not sent") {
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  const ZmqSender sender;
  const std::string largest(largest_message, ' ');
  CHECK(sender.send(receiver.endpoint(), largest));
  CHECK_THROWS_WITH_AS(
      sender.send(receiver.endpoint(), largest + ' '),
      ("actor at " + receiver.endpoint() + ": the message has 1048577 bytes, more than 1048576").c_str(),
      RegistryError);
  const ActorRef ref("A", receiver.endpoint(), sender);
  CHECK_THROWS_AS(ref.send(Long(largest_message)), RegistryError);
  CHECK(ref.send(Long(largest_message - 1000)));
  const auto arrived = receiver.receive(seconds(10));
  REQUIRE(arrived);
  CHECK(arrived->message.size() > largest_message - 1000);
}

TEST_CASE("who sends what is too large is hung up on") {
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  zmq::context_t context;
  zmq::socket_t push(context, zmq::socket_type::push);
  push.set(zmq::sockopt::linger, 0);
  REQUIRE(zmq_socket_monitor(push.handle(), "inproc://push", ZMQ_EVENT_DISCONNECTED) == 0);
  zmq::socket_t events(context, zmq::socket_type::pair);
  events.connect("inproc://push");
  events.set(zmq::sockopt::rcvtimeo, 10'000);
  push.connect(receiver.endpoint());
  push.send(zmq::buffer(std::string(largest_message + 1, ' ')));
  zmq::message_t event;
  CHECK(events.recv(event));
  push.send(zmq::str_buffer(R"({"receiver":"A","message_type":"T","message":{}})"));
  CHECK(receiver.receive(seconds(10)));
}

TEST_CASE("a receiver finds out about machines that have vanished") {
  const ZmqReceiver receiver("tcp://127.0.0.1:*");
  const auto port =
      static_cast<in_port_t>(std::stoi(receiver.endpoint().substr(receiver.endpoint().rfind(':') + 1)));
  const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  const std::vector<std::array<int, 4>> expected = {{1, 15, 5, 3}};
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  while (keepalive_at(port) != expected && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(milliseconds(10));
  CHECK(keepalive_at(port) == expected);
  close(peer);
}

TEST_CASE("the registry is an actor like others") {
  registry_core::ServerOptions options;
  options.actor_endpoint = "tcp://127.0.0.1:*";
  RunningServer server(options);
  struct Lookup : Message {
    [[nodiscard]] std::string message_type() const override { return "LookupActor"; }
    [[nodiscard]] std::string json() const override { return R"({"actor_name":"A","request_id":7})"; }
  };
  ZmqReceiver receiver("tcp://127.0.0.1:*");
  const Actor self("Me", receiver.endpoint());
  const ZmqSender sender;
  ActorRef("GlobalRegistry", server.actor_endpoint(), sender).send(new Lookup, &self);
  const auto answer = receiver.receive(seconds(10));
  REQUIRE(answer);
  CHECK(answer->message_type == "LookupResult");
  CHECK(json::parse(answer->message).at("request_id") == 7);
}
