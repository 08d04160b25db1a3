// The C++ client: lock-step lookups beside a bare REQ socket, many registrations in one call, and what its
// heartbeats cost (tests/conformance/README.md, "Benchmarks of the clients").

#include "actors/registry/RegistryClient.hpp"
#include "tests/bench/lookup_load.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace actors::registry;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr const char* name = "OrderProcessor";
constexpr bench::Load lock_step{"", 1, 1};
constexpr int registrations = 10'000;
constexpr int calls_of_registrations = 3;

struct Options {
  std::string endpoint;
  int rounds = 8;
  int milliseconds = 500; ///< of a round
  int seconds = 10;       ///< of heartbeats
};

double median(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

double client_rate(RegistryClient& client, milliseconds time) {
  const auto begin = Clock::now();
  auto now = begin;
  int lookups = 0;
  for (; now < begin + time; now = Clock::now(), ++lookups)
    client.lookup(name);
  return lookups / std::chrono::duration<double>(now - begin).count();
}

void measure_lookups(const Options& options) {
  const std::string request =
      R"({"actor_name":"OrderProcessor","message_type":"LookupActor","request_id":123456})";
  const std::string reply = bench::ask(options.endpoint, request);
  RegistryClient client("Bench", options.endpoint);
  const milliseconds time(options.milliseconds);
  std::vector<double> of_client, of_bare;
  const auto with_client = [&] { of_client.push_back(client_rate(client, time)); };
  const auto bare = [&] {
    of_bare.push_back(bench::run_load(lock_step, options.endpoint, request, reply, time).per_second);
  };
  for (int round = 0; round < options.rounds; ++round) {
    // ABBA: neither is always the first of a pair.
    if (round % 2 == 0) {
      with_client();
      bare();
    } else {
      bare();
      with_client();
    }
  }
  std::printf("lookups    client %.0f/s  bare REQ %.0f/s  ratio %.3f  (target >= 0.85)\n", median(of_client),
              median(of_bare), median(of_client) / median(of_bare));
}

void measure_registrations(const Options& options) {
  RegistryClient client("BenchOfRegistrations", options.endpoint, seconds(60));
  std::vector<ActorAddress> actors;
  for (int i = 0; i < registrations; ++i)
    actors.push_back({"bench-cpp-" + std::to_string(i), "tcp://127.0.0.1:" + std::to_string(1024 + i)});
  double best = 1e9;
  for (int call = 0; call < calls_of_registrations; ++call) {
    const auto begin = Clock::now();
    const auto results = client.register_actors(actors);
    best = std::min(best, std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    if (!std::all_of(results.begin(), results.end(), [](const auto& result) { return result.ok; }))
      throw std::runtime_error("a registration was refused");
  }
  std::printf("register   %d in one call: %.0f ms  (target <= 100 ms)\n", registrations, best);
  client.goodbye(true);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void measure_heartbeats(const Options& options) {
  RegistryClient client("BenchOfHeartbeats", options.endpoint);
  client.start_heartbeat();
  const double before = cpu_seconds();
  std::this_thread::sleep_for(seconds(options.seconds));
  std::printf("heartbeat  %.3f %% of a core  (target <= 0.1 %%)\n",
              (cpu_seconds() - before) / options.seconds * 100);
}

Options parse(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) throw std::invalid_argument("an option needs a value");
  Options options{argv[1]};
  for (int i = 2; i < argc; i += 2) {
    const std::string option = argv[i];
    const int value = std::stoi(argv[i + 1]);
    if (value < 1) throw std::invalid_argument(option + ": expected a number from 1 on");
    if (option == "--rounds") {
      options.rounds = value;
    } else if (option == "--milliseconds") {
      options.milliseconds = value;
    } else if (option == "--seconds") {
      options.seconds = value;
    } else {
      throw std::invalid_argument("unknown option " + option);
    }
  }
  return options;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    measure_lookups(options);
    measure_registrations(options);
    measure_heartbeats(options);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(
        stderr,
        "client_bench: %s\nusage: client_bench ENDPOINT [--rounds N] [--milliseconds N] [--seconds N]\n",
        error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "client_bench: %s\n", error.what());
    return 1;
  }
}
