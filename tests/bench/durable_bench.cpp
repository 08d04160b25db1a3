// What a registry over its store bears: durable registrations a second and lookups meanwhile, a million names
// in memory and read at the start. Every figure is a ratio or a bound measured in this run.

#include "tests/bench/lookup_load.hpp"
#include "tests/bench/registry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include <zmq.hpp>

namespace {

using namespace bench;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string program;
  std::string what;
  int names = 1'000'000;
  int registrations = 200'000; ///< of each of two peers
};

/// 24 bytes, as are the endpoints.
std::string name_of(int number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "OrderProcessor-%09d", number);
  return text.data();
}
std::string endpoint_of(int number) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "tcp://10.2.%d.%d:%05d", 100 + number / 150 % 150,
                100 + number % 150, 10'000 + number % 50'000);
  return text.data();
}
std::string lookup_of(int number) {
  return R"({"message_type":"LookupActor","actor_name":")" + name_of(number) + "\"}";
}

class Peer {
public:
  explicit Peer(const std::string& endpoint) : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 30'000);
    socket_.set(zmq::sockopt::rcvhwm, 0);
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

/// Names from 0 on, many in a message, of as many as 1,000 managers.
void fill(int names, const std::string& endpoint) {
  constexpr int in_a_message = 500;
  constexpr int managers = 1000;
  ask(endpoint, lookup_of(0));
  Peer peer(endpoint);
  int under_way = 0;
  const auto take = [&] {
    const std::string reply = peer.receive();
    const bool refused =
        reply.find(R"("ok":true)") == std::string::npos || reply.find(R"("ok":false)") != std::string::npos;
    if (refused) throw std::runtime_error("refused: " + reply.substr(0, 300));
    --under_way;
  };
  for (int first = 0; first < names; first += in_a_message) {
    std::string text = R"({"message_type":"RegisterActors","manager_id":"Manager-)" +
                       std::to_string(first / in_a_message % managers) + R"(","actors":[)";
    for (int i = first; i < first + in_a_message; ++i)
      text += std::string(i == first ? "" : ",") + R"({"actor_name":")" + name_of(i) +
              R"(","actor_endpoint":")" + endpoint_of(i) + "\"}";
    peer.send(text + "]}");
    if (++under_way == 20) take();
  }
  while (under_way > 0)
    take();
}

/// Lookups in lock step by one client until told to end: their latencies in microseconds, sorted.
std::vector<double> look_up(const std::string& endpoint, int names, const std::atomic<bool>& ended) {
  Peer peer(endpoint);
  std::mt19937 random(1);
  std::vector<double> latencies;
  while (!ended) {
    const auto begin = Clock::now();
    peer.send(lookup_of(static_cast<int>(random() % static_cast<unsigned>(names))));
    peer.receive();
    latencies.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

double p99(const std::vector<double>& latencies) {
  return latencies.empty() ? 0 : latencies[latencies.size() * 99 / 100];
}

/// A peer's unique names, 1,000 registrations under way at a time.
void register_all(const std::string& endpoint, int first, int count) {
  Peer peer(endpoint);
  int under_way = 0;
  const auto take = [&] {
    if (peer.receive().find("RegistrationOk") == std::string::npos) throw std::runtime_error("refused");
    --under_way;
  };
  for (int i = first; i < first + count; ++i) {
    peer.send(R"({"message_type":"RegisterActor","manager_id":"Manager-)" + std::to_string(first) +
              R"(","actor_name":")" + name_of(i) + R"(","actor_endpoint":")" + endpoint_of(i) + "\"}");
    if (++under_way == 1000) take();
  }
  while (under_way > 0)
    take();
}

void measure_registrations(const Options& options) {
  const Directory directory(options.program);
  const Registry registry(options.program, directory, Registry::State::durable);
  constexpr int looked_up = 1000;
  fill(looked_up, registry.endpoint());
  std::atomic<bool> ended = false;
  std::vector<double> idle, busy;
  std::thread looking([&] { idle = look_up(registry.endpoint(), looked_up, ended); });
  std::this_thread::sleep_for(std::chrono::seconds(2));
  ended = true;
  looking.join();
  ended = false;
  looking = std::thread([&] { busy = look_up(registry.endpoint(), looked_up, ended); });
  const auto begin = Clock::now();
  constexpr int most_of_a_manager = 100'000;
  std::vector<std::thread> peers;
  for (int peer = 0; peer < 2; ++peer)
    peers.emplace_back([&, peer] {
      for (int done = 0; done < options.registrations; done += most_of_a_manager)
        register_all(registry.endpoint(), (peer + 1) * 100'000'000 + done,
                     std::min(most_of_a_manager, options.registrations - done));
    });
  for (std::thread& peer : peers)
    peer.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  ended = true;
  looking.join();
  std::printf("durable registrations, 2 peers x 1,000 under way\n");
  std::printf("  %9.0f a second   (target >= 100000)\n", 2 * options.registrations / seconds);
  std::printf("  lookups meanwhile: p99 %.0f us, idle %.0f us, ratio %.2f   (target <= 3)\n", p99(busy),
              p99(idle), p99(busy) / p99(idle));
}

double rate(const std::string& endpoint, int names, std::chrono::milliseconds time) {
  Peer peer(endpoint);
  std::mt19937 random(2);
  const auto send = [&] { peer.send(lookup_of(static_cast<int>(random() % static_cast<unsigned>(names)))); };
  for (int i = 0; i < 100; ++i)
    send();
  const auto begin = Clock::now();
  int count = 0;
  for (; Clock::now() - begin < time; ++count) {
    peer.receive();
    send();
  }
  for (int i = 0; i < 100; ++i)
    peer.receive();
  return count / std::chrono::duration<double>(time).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure_size(const Options& options) {
  constexpr int few = 1000;
  const Directory small_directory(options.program), large_directory(options.program);
  const Registry small(options.program, small_directory, Registry::State::durable);
  auto large = std::make_unique<Registry>(options.program, large_directory, Registry::State::durable);
  fill(few, small.endpoint());
  ask(large->endpoint(), lookup_of(0));
  const double empty = large->memory();
  fill(options.names, large->endpoint());
  std::printf("memory with %d names: %.0f bytes a name   (target <= 300)\n", options.names,
              (large->memory() - empty) / options.names);
  std::vector<double> small_rates, large_rates;
  constexpr std::chrono::milliseconds a_round(500);
  for (int round = 0; round < 8; ++round) {
    // ABBA: neither is always the first of a pair.
    if (round % 2 == 0) small_rates.push_back(rate(small.endpoint(), few, a_round));
    large_rates.push_back(rate(large->endpoint(), options.names, a_round));
    if (round % 2 == 1) small_rates.push_back(rate(small.endpoint(), few, a_round));
  }
  std::printf("lookups, 100 under way: %.0f a second among %d names, %.0f among %d, ratio %.3f   (target "
              ">= 0.85)\n",
              median(large_rates), options.names, median(small_rates), few,
              median(large_rates) / median(small_rates));
  large.reset();
  const Registry again(options.program, large_directory, Registry::State::durable);
  ask(again.endpoint(), lookup_of(0));
  std::printf("start with %d names: %.2f s to the first answer   (target <= 2)\n", options.names,
              std::chrono::duration<double>(Clock::now() - again.started()).count());
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--program")
      options.program = argv[i + 1];
    else if (name == "--what")
      options.what = argv[i + 1];
    else if (name == "--names")
      options.names = std::stoi(argv[i + 1]);
    else if (name == "--registrations")
      options.registrations = std::stoi(argv[i + 1]);
    else
      throw std::invalid_argument("unknown option " + name);
  }
  const bool good = argc % 2 == 1 && !options.program.empty() &&
                    (options.what == "size" || options.what == "registrations") && options.names >= 1000 &&
                    options.names % 1000 == 0 && options.registrations > 0;
  if (!good)
    throw std::invalid_argument(
        "usage: durable_bench --program ACTORSCTL --what size|registrations [--names N] [--registrations N]");
  return options;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    options.what == "size" ? measure_size(options) : measure_registrations(options);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "durable_bench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "durable_bench: %s\n", error.what());
    return 1;
  }
}
