// What heartbeats cost, beside a bare ROUTER that answers the same bytes under the same load; and what
// happens when very many managers fall silent at once.

#include "tests/bench/bare_router.hpp"
#include "tests/bench/child.hpp"
#include "tests/bench/expiry.hpp"
#include "tests/bench/lookup_load.hpp"
#include "tests/bench/registry.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <zmq.hpp>

namespace {

using namespace bench;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string program;
  std::string what;
  int seconds = 4; ///< of a round
  int managers = 100'000;
};

constexpr int connections = 200;
constexpr int heartbeats_a_second = 50'000;

std::string heartbeat_of(int manager) {
  const std::string number = std::to_string(1000 + manager);
  return R"({"message_type":"Heartbeat","manager_id":"Manager-)" + number +
         R"(","timestamp_ms":1700000000000,"instance":"0123456789abcdef","process":{"host":"server1","pid":)" +
         number +
         R"(,"unit":"manager.service","invocation_id":"0123456789abcdef0123456789abcdef","language":"C++","version":"0.1.0"}})";
}

/// Seconds of a process, in and out of the kernel.
double cpu_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Managers {
public:
  explicit Managers(const std::string& endpoint) {
    for (int i = 0; i < connections; ++i) {
      sockets_.emplace_back(context_, zmq::socket_type::dealer);
      sockets_.back().set(zmq::sockopt::linger, 0);
      sockets_.back().connect(endpoint);
      texts_.push_back(heartbeat_of(i));
    }
    beat_all(1);
  }
  /// So many from each at once.
  void beat_all(int times) {
    for (int i = 0; i < connections; ++i) {
      for (int k = 0; k < times; ++k)
        beat(i);
    }
    read_all();
  }
  void beat(int manager) {
    sockets_[static_cast<std::size_t>(manager)].send(zmq::buffer(texts_[static_cast<std::size_t>(manager)]),
                                                     zmq::send_flags::dontwait);
  }
  /// What has come for this one.
  void read(int manager) {
    while (sockets_[static_cast<std::size_t>(manager)].recv(reply_, zmq::recv_flags::dontwait))
      ++answered;
  }
  void read_all() {
    for (int i = 0; i < connections; ++i)
      read(i);
  }
  long answered = 0;

private:
  zmq::context_t context_;
  std::deque<zmq::socket_t> sockets_;
  std::deque<std::string> texts_;
  zmq::message_t reply_;
};

/// How 50,000 heartbeats come in a second.
enum class Pace { evenly, one_of_each, many_of_each };
constexpr std::array paces = {Pace::evenly, Pace::one_of_each, Pace::many_of_each};
constexpr int many = 25;

const char* described(Pace pace) {
  switch (pace) {
  case Pace::evenly: return "evenly, one every 20 us";
  case Pace::one_of_each: return "one of each at once";
  case Pace::many_of_each: return "25 of each at once";
  }
  return "";
}

void beat_evenly(Managers& managers, Clock::time_point begin, Clock::time_point end) {
  constexpr std::chrono::nanoseconds step(1'000'000'000LL / heartbeats_a_second);
  int manager = 0;
  for (auto next = begin; next < end; next += step) {
    // No sleep is as short as that.
    while (Clock::now() < next)
      std::this_thread::yield();
    managers.read(manager);
    managers.beat(manager);
    manager = (manager + 1) % connections;
  }
}

void beat_at_once(Managers& managers, int times, Clock::time_point begin, Clock::time_point end) {
  const std::chrono::nanoseconds step(1'000'000'000LL / heartbeats_a_second * connections * times);
  for (auto next = begin; next < end; next += step) {
    std::this_thread::sleep_until(next);
    managers.beat_all(times);
  }
}

/// The server's CPU seconds a million heartbeats.
double load(const std::string& endpoint, pid_t server, Pace pace, int seconds) {
  Managers managers(endpoint);
  const double before = cpu_of(server);
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::seconds(seconds);
  managers.answered = 0;
  if (pace == Pace::evenly)
    beat_evenly(managers, begin, end);
  else
    beat_at_once(managers, pace == Pace::many_of_each ? many : 1, begin, end);
  const auto drained = Clock::now() + std::chrono::seconds(2);
  const long sent = static_cast<long>(heartbeats_a_second) * seconds;
  while (managers.answered < sent && Clock::now() < drained)
    managers.read_all();
  return (cpu_of(server) - before) / static_cast<double>(managers.answered) * 1e6;
}

void measure_heartbeats(const Options& options, const std::string& self) {
  const Directory directory(options.program);
  const Registry registry(options.program, directory, Registry::State::in_memory);
  const std::string bare_endpoint = free_endpoint();
  const Child bare({self, "--bare", bare_endpoint, ask(registry.endpoint(), heartbeat_of(0))});
  ask(bare_endpoint, "x");
  for (const Pace pace : paces) {
    double ours = 0, theirs = 0;
    int online = connections;
    for (int round = 0; round < 4; ++round) {
      // ABBA: neither is always the first of a pair.
      for (const bool first : round % 2 == 0 ? std::array{true, false} : std::array{false, true}) {
        if (!first) {
          theirs += load(bare_endpoint, bare.pid(), pace, options.seconds);
          continue;
        }
        ours += load(registry.endpoint(), registry.pid(), pace, options.seconds);
        online = std::min(online, registry.counts().at("managers_online").get<int>());
      }
    }
    std::printf("heartbeats, %s: %.2f us of CPU each, bare %.2f us, ratio %.2f   (target <= 1.3); online at "
                "least %d of %d\n",
                described(pace), ours / 4, theirs / 4, ours / theirs, online, connections);
    std::fflush(stdout);
  }
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--program")
      options.program = argv[i + 1];
    else if (name == "--what")
      options.what = argv[i + 1];
    else if (name == "--seconds")
      options.seconds = std::stoi(argv[i + 1]);
    else if (name == "--managers")
      options.managers = std::stoi(argv[i + 1]);
    else
      throw std::invalid_argument("unknown option " + name);
  }
  const bool good = argc % 2 == 1 && !options.program.empty() &&
                    (options.what == "heartbeats" || options.what == "expiry") && options.seconds > 0 &&
                    options.seconds <= 5 && options.managers >= 1000;
  if (!good)
    throw std::invalid_argument("usage: heartbeat_bench --program ACTORSCTL --what heartbeats|expiry "
                                "[--seconds N (5)] [--managers N]");
  return options;
}

} // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::string(argv[1]) == "--bare") {
      run_bare_router(argv[2], argv[3]);
      return 0;
    }
    const Options options = parse(argc, argv);
    options.what == "expiry" ? measure_expiry(options.program, options.managers)
                             : measure_heartbeats(options, argv[0]);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "heartbeat_bench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "heartbeat_bench: %s\n", error.what());
    return 1;
  }
}
