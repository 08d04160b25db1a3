// What heartbeats cost, beside a bare ROUTER that answers the same bytes under the same load; and what
// happens when very many managers fall silent at once.

#include "tests/bench/bare_router.hpp"
#include "tests/bench/child.hpp"
#include "tests/bench/lookup_load.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>
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
    read();
  }
  void beat(int manager) {
    sockets_[static_cast<std::size_t>(manager)].send(zmq::buffer(texts_[static_cast<std::size_t>(manager)]),
                                                     zmq::send_flags::dontwait);
  }
  void read() {
    zmq::message_t reply;
    for (zmq::socket_t& socket : sockets_) {
      while (socket.recv(reply, zmq::recv_flags::dontwait))
        ++answered;
    }
  }
  long answered = 0;

private:
  zmq::context_t context_;
  std::deque<zmq::socket_t> sockets_;
  std::deque<std::string> texts_;
};

/// The server's CPU seconds a million heartbeats.
double load(const std::string& endpoint, pid_t server, bool bursts, int seconds) {
  Managers managers(endpoint);
  const double before = cpu_of(server);
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::seconds(seconds);
  managers.answered = 0;
  constexpr int at_once = 25;
  const auto step =
      std::chrono::nanoseconds(1'000'000'000LL / heartbeats_a_second * connections * (bursts ? at_once : 1));
  for (auto next = begin; next < end; next += step) {
    std::this_thread::sleep_until(next);
    managers.beat_all(bursts ? at_once : 1);
  }
  const auto drained = Clock::now() + std::chrono::seconds(2);
  const long sent = static_cast<long>(heartbeats_a_second) * seconds;
  while (managers.answered < sent && Clock::now() < drained)
    managers.read();
  return (cpu_of(server) - before) / static_cast<double>(managers.answered) * 1e6;
}

nlohmann::json counts_of(const std::string& endpoint) {
  return nlohmann::json::parse(ask(endpoint, R"({"message_type":"RegistryInfo"})"))["counts"];
}

std::string configuration(const std::string& directory, const std::string& text) {
  const std::string path = directory + "/registry.json";
  std::ofstream(path) << text;
  return path;
}

void measure_heartbeats(const Options& options, const std::string& self, const std::string& directory) {
  const std::string endpoint = free_endpoint();
  const Child registry({options.program, "--config", configuration(directory, "{}"), "registry", "serve",
                        "--in-memory", "--endpoint", endpoint});
  const std::string bare_endpoint = free_endpoint();
  const Child bare({self, "--bare", bare_endpoint, ask(endpoint, heartbeat_of(0))});
  ask(bare_endpoint, "x");
  for (const bool bursts : {false, true}) {
    double ours = 0, theirs = 0;
    for (int round = 0; round < 4; ++round) {
      // ABBA: neither is always the first of a pair.
      for (const bool first : round % 2 == 0 ? std::array{true, false} : std::array{false, true})
        (first ? ours : theirs) += load(first ? endpoint : bare_endpoint, first ? registry.pid() : bare.pid(),
                                        bursts, options.seconds);
    }
    const auto counts = counts_of(endpoint);
    std::printf(
        "heartbeats, %s: %.2f us of CPU each, bare %.2f us, ratio %.2f   (target <= 1.3); online %d of %d\n",
        bursts ? "25 of each at once" : "one of each at a time", ours / 4, theirs / 4, ours / theirs,
        counts["managers_online"].get<int>(), connections);
    std::fflush(stdout);
  }
}

/// The longest bucket of a histogram on the metrics page that anything fell into, by its bound.
std::string longest_round(const std::string& page) {
  std::string bound = "0", last = "0";
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const std::string begin = "actors_registry_loop_round_seconds_bucket{le=\"";
    if (!line.starts_with(begin)) continue;
    const auto quote = line.find('"', begin.size());
    const std::string count = line.substr(line.find(' ') + 1);
    if (count != last) bound = line.substr(begin.size(), quote - begin.size());
    last = count;
  }
  return bound;
}

void measure_expiry(const Options& options, const std::string& directory) {
  const std::string endpoint = free_endpoint();
  const std::string page = free_endpoint();
  const Child registry(
      {options.program, "--config",
       configuration(directory, R"({"heartbeat_timeout_s": 4, "metrics_endpoint": ")" + page + R"("})"),
       "registry", "serve", "--in-memory", "--endpoint", endpoint});
  ask(endpoint, R"({"message_type":"RegistryInfo"})");
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::rcvtimeo, 10'000);
  socket.connect(endpoint);
  zmq::message_t reply;
  const auto begin = Clock::now();
  for (int i = 0; i < options.managers + 500; ++i) {
    if (i < options.managers) {
      const std::string number = std::to_string(i);
      socket.send(zmq::buffer(R"({"message_type":"RegisterActor","manager_id":"M)" + number +
                              R"(","actor_name":"A)" + number + R"(","actor_endpoint":"tcp://h:1"})"));
    }
    if (i >= 500 && !socket.recv(reply)) throw std::runtime_error("a reply is missing");
  }
  const double spread = std::chrono::duration<double>(Clock::now() - begin).count();
  if (spread > 3) throw std::runtime_error("registering took longer than the timeout");
  const std::string lookup =
      R"({"message_type":"LookupActor","actor_name":"A)" + std::to_string(options.managers - 1) + "\"}";
  // In lock step until all are offline: the slowest lookup is what a peer sees of it.
  double slowest = 0;
  int online = options.managers;
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  while (online != 0 && Clock::now() < deadline) {
    for (int i = 0; i < 200; ++i) {
      const auto asked = Clock::now();
      socket.send(zmq::buffer(lookup));
      if (!socket.recv(reply)) throw std::runtime_error("a reply is missing");
      slowest = std::max(slowest, std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
    }
    online = counts_of(endpoint)["managers_online"].get<int>();
  }
  if (online != 0) throw std::runtime_error("still online: " + std::to_string(online));
  std::this_thread::sleep_for(std::chrono::milliseconds(1200)); // the page is made anew once a second
  const auto colon = page.rfind(':');
  const std::string command = "curl -s http://127.0.0.1" + page.substr(colon) + "/metrics";
  std::string text;
  if (FILE* const pipe = popen(command.c_str(), "r")) {
    std::array<char, 4096> block{};
    while (const std::size_t size = fread(block.data(), 1, block.size(), pipe))
      text.append(block.data(), size);
    pclose(pipe);
  }
  std::printf("%d managers silent at once: no round of the loop over %s s (target 0.02), slowest lookup "
              "meanwhile %.1f ms\n",
              options.managers, longest_round(text).c_str(), slowest);
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
  std::string directory = (std::filesystem::temp_directory_path() / "actors-bench-XXXXXX").string();
  int status = 0;
  try {
    if (argc == 4 && std::string(argv[1]) == "--bare") {
      run_bare_router(argv[2], argv[3]);
      return 0;
    }
    const Options options = parse(argc, argv);
    if (!mkdtemp(directory.data())) throw std::runtime_error("mkdtemp");
    options.what == "expiry" ? measure_expiry(options, directory)
                             : measure_heartbeats(options, argv[0], directory);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "heartbeat_bench: %s\n", error.what());
    status = 1;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return status;
}
