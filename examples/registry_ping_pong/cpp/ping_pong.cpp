// Two actors that find each other by name (README.md, one folder up).

#include "examples/actor_program/actor_program.hpp"

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace {

using namespace actors::registry;
using namespace actor_program;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* program = "ping_pong";
constexpr milliseconds call_timeout(1000);
constexpr milliseconds longest_wait(1000);

struct Number : Message {
  Number(std::string message_type, int number) : type(std::move(message_type)), count(number) {}
  [[nodiscard]] std::string message_type() const override { return type; }
  [[nodiscard]] std::string json() const override { return nlohmann::json{{"count", count}}.dump(); }
  std::string type;
  int count;
};

/// None where it is another message.
std::optional<int> number_in(const Envelope& envelope, const char* receiver, const char* message_type) {
  if (envelope.receiver != receiver || envelope.message_type != message_type) return std::nullopt;
  const auto message = nlohmann::json::parse(envelope.message, nullptr, false);
  const auto count = message.find("count");
  if (count == message.end() || !count->is_number_integer()) return std::nullopt;
  return count->get<int>();
}

class Pong : public Actor {
public:
  explicit Pong(const ZmqReceiver& receiver) : Actor("pong", receiver.endpoint()) {}

  void play(ZmqReceiver& receiver) {
    while (!is_asked_to_end()) {
      const auto envelope = receiver.receive(longest_wait);
      const auto number = envelope ? number_in(*envelope, "pong", "Ping") : std::nullopt;
      if (!number) continue;
      print("ping " + std::to_string(*number));
      try {
        ActorRef(envelope->sender_actor, envelope->sender_endpoint, sender_)
            .send(new Number("Pong", *number), this);
      } catch (const RegistryError& error) { // whoever asked gave no place to answer at
        log(program, error.what());
      }
    }
  }

private:
  ZmqSender sender_;
};

class Ping : public Actor {
public:
  explicit Ping(const ZmqReceiver& receiver) : Actor("ping", receiver.endpoint()) {}

  void play(RegistryClient& client, ZmqReceiver& receiver, int count) {
    std::string endpoint;
    for (int number = 1; number <= count && !is_asked_to_end();) {
      if (endpoint.empty()) endpoint = find(client, program, "pong");
      if (endpoint.empty()) continue;
      ActorRef("pong", endpoint, sender_).send(new Number("Ping", number), this);
      if (comes_back(receiver, number)) {
        print("pong " + std::to_string(number++));
      } else {
        endpoint.clear(); // it may be somewhere else by now
      }
    }
  }

private:
  static bool comes_back(ZmqReceiver& receiver, int number) {
    const auto deadline = Clock::now() + longest_wait;
    while (!is_asked_to_end()) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (left <= milliseconds(0)) break;
      const auto envelope = receiver.receive(left);
      if (envelope && number_in(*envelope, "ping", "Pong") == number) return true;
    }
    return false;
  }

  ZmqSender sender_;
};

int run(const std::string& role, int count, char** words) {
  if (role != "ping" && role != "pong") throw std::invalid_argument("usage: ping_pong ping|pong [OPTION]...");
  const auto options = parse_options(
      count, words,
      {{"--registry", usual_registry()}, {"--endpoint", "tcp://127.0.0.1:*"}, {"--count", "10"}});
  const int numbers = parse_count(options.at("--count"));
  watch_signals();
  ZmqReceiver receiver(options.at("--endpoint"));
  RegistryClient client(role == "ping" ? "PingManager" : "PongManager", options.at("--registry"),
                        call_timeout);
  join_registry(client, program, role, receiver.endpoint());
  if (role == "ping") {
    Ping(receiver).play(client, receiver, numbers);
  } else {
    Pong(receiver).play(receiver);
  }
  client.goodbye();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "", argc - 2, argv + 2);
  } catch (const std::invalid_argument& error) {
    log(program, error.what());
    return 2;
  } catch (const std::exception& error) {
    log(program, error.what());
    return 1;
  }
}
