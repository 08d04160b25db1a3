#include "tests/bench/expiry.hpp"

#include "tests/bench/page.hpp"
#include "tests/bench/registry.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <thread>

#include <zmq.hpp>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto timeout = 8s;
constexpr auto most = 20ms; ///< the target of a round, and of how late or early a lookup may be
constexpr const char* longest_round = "actors_registry_loop_round_longest_seconds";

class PipelinedClient {
public:
  explicit PipelinedClient(const std::string& endpoint) : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 10'000);
    socket_.connect(endpoint);
  }
  void send(const std::string& text) { socket_.send(zmq::buffer(text)); }
  std::string receive() {
    zmq::message_t reply;
    if (!socket_.recv(reply)) throw std::runtime_error("a reply is missing");
    return reply.to_string();
  }

private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

void register_all(PipelinedClient& client, int managers) {
  constexpr int under_way = 500;
  for (int i = 0; i < managers + under_way; ++i) {
    if (i < managers) {
      const std::string number = std::to_string(i);
      client.send(R"({"message_type":"RegisterActor","manager_id":"M)" + number + R"(","actor_name":"A)" +
                  number + R"(","actor_endpoint":"tcp://h:1"})");
    }
    if (i >= under_way) client.receive();
  }
}

/// A registry that was stopped gives all a full timeout again: after it they are silent in the same instant.
void hold_up(const Registry& registry, int managers) {
  if (registry.counts().at("managers_online") != managers)
    throw std::runtime_error("registering took longer than the timeout");
  kill(registry.pid(), SIGSTOP);
  std::this_thread::sleep_for(1500ms);
  kill(registry.pid(), SIGCONT);
}

struct Seen {
  long lookups = 0;
  long wrong = 0;
  Clock::duration slowest{};
};

/// In lock step, of a name by chance, until well after the timeout.
/// \param from, to between them the timeout began.
Seen look_up(PipelinedClient& client, int managers, Clock::time_point from, Clock::time_point to) {
  std::mt19937 random(1);
  Seen seen;
  while (Clock::now() < to + timeout + 1s) {
    const auto number = random() % static_cast<unsigned>(managers);
    const auto asked = Clock::now();
    client.send(R"({"message_type":"LookupActor","actor_name":"A)" + std::to_string(number) + "\"}");
    const bool online = client.receive().find(R"("online":true)") != std::string::npos;
    const auto answered = Clock::now();
    ++seen.lookups;
    seen.slowest = std::max(seen.slowest, answered - asked);
    const bool too_early = !online && answered < from + timeout - most;
    const bool too_late = online && asked > to + timeout + most;
    if (too_early || too_late) ++seen.wrong;
  }
  return seen;
}

void wait_until_offline(const Registry& registry) {
  const auto deadline = Clock::now() + 20s;
  while (registry.counts().at("managers_online") != 0) {
    if (Clock::now() > deadline) throw std::runtime_error("some stay online");
  }
}

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace

void measure_expiry(const std::string& program, int managers) {
  const Directory directory(program);
  const std::string page = free_endpoint().substr(std::string_view("tcp://").size());
  const Registry registry(program, directory, Registry::State::in_memory,
                          R"({"heartbeat_timeout_s": )" + std::to_string(timeout.count()) +
                              R"(, "metrics_endpoint": ")" + page + "\"}");
  PipelinedClient client(registry.endpoint());
  register_all(client, managers);
  const auto from = Clock::now();
  hold_up(registry, managers);
  static_cast<void>(registry.counts());
  const auto to = Clock::now();
  const Seen seen = look_up(client, managers, from + 1500ms, to);
  wait_until_offline(registry);
  std::this_thread::sleep_for(1200ms); // the page is made anew once a second
  std::printf("%d managers silent at once: longest round of the loop %.1f ms, slowest of %ld lookups %.1f ms "
              "  (target <= %.0f)\n",
              managers, on_page(page, longest_round) * 1000, seen.lookups, milliseconds(seen.slowest),
              milliseconds(most));
  std::printf("  lookups that were wrong by more than %.0f ms: %ld   (target 0)\n", milliseconds(most),
              seen.wrong);
}

} // namespace bench
