#include "actors/registry/ActorRef.hpp"

#include "actors/registry/ZmqReceiver.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

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

struct Wrong : Order {
  using Order::Order;
  [[nodiscard]] std::string json() const override { return "no object"; }
};

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
