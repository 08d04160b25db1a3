// What the lookups of a client that behaves cost while somebody hostile does his worst, beside a bare ROUTER
// under the same load. Both servers and the attacker are processes of their own; rounds of the two alternate.

#include "tests/bench/attacks.hpp"
#include "tests/bench/bare_router.hpp"
#include "tests/bench/child.hpp"
#include "tests/bench/lookup_load.hpp"
#include "tests/bench/registry.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace bench;

constexpr const char* lookup = R"({"message_type":"LookupActor","actor_name":"A"})";
constexpr std::array attacks = {Attack::connections, Attack::handshakes, Attack::messages,
                                Attack::many_frames};
/// The attacker and the client are of one address, so the bound of all stands for the bound of an address.
constexpr const char* configuration = R"({"limits": {"connections": 64}})";

struct Options {
  std::string program;
  int rounds = 6;
  int milliseconds = 1000; ///< of a round
};

struct Side {
  std::string endpoint;
  std::vector<std::uint32_t> latencies = {};

  /// In microseconds.
  double percentile(double part) {
    std::sort(latencies.begin(), latencies.end());
    return latencies.at(static_cast<std::size_t>(static_cast<double>(latencies.size() - 1) * part)) / 1000.0;
  }
};

void add_round(Side& side, const std::string& self, std::size_t attack, const std::string& reply,
               std::chrono::milliseconds time) {
  const Child attacker({self, "--attack", std::to_string(attack), side.endpoint});
  const auto result = run_load({"1 client, lock step", 1, 1}, side.endpoint, lookup, reply, time);
  side.latencies.insert(side.latencies.end(), result.latencies.begin(), result.latencies.end());
}

void measure(std::size_t attack, const Options& options, const std::string& self, Side registry, Side bare,
             const std::string& reply) {
  const std::chrono::milliseconds time(options.milliseconds);
  for (int round = 0; round < options.rounds; ++round) {
    for (Side* side : round % 2 == 0 ? std::array{&registry, &bare} : std::array{&bare, &registry})
      add_round(*side, self, attack, reply, time);
  }
  std::printf("%s\n", described(attacks.at(attack)));
  for (auto [name, side] : {std::pair("registry", &registry), std::pair("bare", &bare)})
    std::printf("  %-9s %9zu lookups   p50 %9.1f us   p99 %9.1f us\n", name, side->latencies.size(),
                side->percentile(0.5), side->percentile(0.99));
  std::printf("  ratio of p99 %.2f   (target <= 3)\n", registry.percentile(0.99) / bare.percentile(0.99));
  std::fflush(stdout);
}

void run(const Options& options, const std::string& self) {
  const Directory directory(options.program);
  const Registry registry(options.program, directory, Registry::State::in_memory, configuration);
  const std::string reply = ask(registry.endpoint(), lookup);
  const std::string bare_endpoint = free_endpoint();
  const Child bare({self, "--bare", bare_endpoint, reply});
  if (ask(bare_endpoint, lookup) != reply) throw std::runtime_error("the bare ROUTER answers something else");
  std::printf("one client in lock step, %d rounds of %d ms each, alternating\n", options.rounds,
              options.milliseconds);
  for (std::size_t attack = 0; attack < attacks.size(); ++attack)
    measure(attack, options, self, {registry.endpoint()}, {bare_endpoint}, reply);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--program") {
      options.program = argv[i + 1];
    } else if (name == "--rounds") {
      options.rounds = std::stoi(argv[i + 1]);
    } else if (name == "--milliseconds") {
      options.milliseconds = std::stoi(argv[i + 1]);
    } else {
      throw std::invalid_argument("unknown option " + name);
    }
  }
  if (argc % 2 == 0 || options.program.empty() || options.rounds <= 0 || options.milliseconds <= 0)
    throw std::invalid_argument("usage: attack_bench --program ACTORSCTL [--rounds N] [--milliseconds N]");
  return options;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const std::string first = argc == 4 ? argv[1] : "";
    if (first == "--bare") {
      run_bare_router(argv[2], argv[3]);
    } else if (first == "--attack") {
      run_attack(attacks.at(std::stoul(argv[2])), argv[3], lookup);
    } else {
      run(parse(argc, argv), argv[0]);
    }
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "attack_bench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "attack_bench: %s\n", error.what());
    return 1;
  }
}
