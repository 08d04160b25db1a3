// Has every order checked by a RiskChecker that it knows by name alone (README.md, one folder up).

#include "examples/actor_program/actor_program.hpp"

#include <exception>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace {

using namespace actors::registry;
using namespace actor_program;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* program = "order_processor";
constexpr milliseconds call_timeout(1000);
constexpr milliseconds longest_wait(1000);

struct Order : Message {
  explicit Order(int number) : order_id(number), quantity(100 * number) {}
  [[nodiscard]] std::string message_type() const override { return "Order"; }
  [[nodiscard]] std::string json() const override {
    return nlohmann::json{{"order_id", order_id}, {"symbol", "ACME"}, {"quantity", quantity}, {"price", 99.5}}
        .dump();
  }
  int order_id;
  int quantity;
};

struct Verdict {
  int order_id = 0;
  bool accepted = false;
  std::string reason;
};

/// None where it is another message.
std::optional<Verdict> verdict_in(const Envelope& envelope) {
  if (envelope.receiver != "OrderProcessor" || envelope.message_type != "Verdict") return std::nullopt;
  try {
    const auto message = nlohmann::json::parse(envelope.message);
    return Verdict{message.at("order_id").get<int>(), message.at("accepted").get<bool>(),
                   message.at("reason").get<std::string>()};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

class OrderProcessor : public Actor {
public:
  explicit OrderProcessor(ZmqReceiver& receiver)
      : Actor("OrderProcessor", receiver.endpoint()), receiver_(receiver) {}

  void process(RegistryClient& client, int orders) {
    std::string endpoint;
    for (int number = 1; number <= orders && !is_asked_to_end();) {
      if (endpoint.empty()) endpoint = find(client, program, "RiskChecker");
      if (endpoint.empty()) continue;
      ActorRef("RiskChecker", endpoint, sender_).send(new Order(number), this);
      if (const auto verdict = verdict_on(number)) {
        print("verdict " + std::to_string(number) +
              (verdict->accepted ? " accepted" : " rejected: " + verdict->reason));
        ++number;
      } else {
        endpoint.clear(); // the RiskChecker may be somewhere else by now
      }
    }
  }

private:
  std::optional<Verdict> verdict_on(int number) {
    const auto deadline = Clock::now() + longest_wait;
    while (!is_asked_to_end()) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (left <= milliseconds(0)) break;
      const auto envelope = receiver_.receive(left);
      auto verdict = envelope ? verdict_in(*envelope) : std::nullopt;
      if (verdict && verdict->order_id == number) return verdict;
    }
    return std::nullopt;
  }

  ZmqReceiver& receiver_;
  ZmqSender sender_;
};

int run(int count, char** words) {
  const auto options = parse_options(
      count, words,
      {{"--registry", usual_registry()}, {"--endpoint", "tcp://127.0.0.1:*"}, {"--orders", "10"}});
  const int orders = parse_count(options.at("--orders"));
  watch_signals();
  ZmqReceiver receiver(options.at("--endpoint"));
  RegistryClient client("OrderManager", options.at("--registry"), call_timeout);
  join_registry(client, program, "OrderProcessor", receiver.endpoint());
  OrderProcessor(receiver).process(client, orders);
  client.goodbye();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc - 1, argv + 1);
  } catch (const std::invalid_argument& error) {
    log(program, error.what());
    return 2;
  } catch (const std::exception& error) {
    log(program, error.what());
    return 1;
  }
}
