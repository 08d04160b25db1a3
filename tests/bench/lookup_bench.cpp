// Lookups a second and their latency: `actorsctl registry serve` beside a bare libzmq ROUTER that answers the
// same bytes; with --curve, both over CURVE, where the registry knows its clients' keys and the other lets
// everybody in. Both are processes of their own; the rounds of the two alternate, so that whatever else the
// machine does hits both alike.

#include "tests/bench/bare_router.hpp"
#include "tests/bench/child.hpp"
#include "tests/bench/lookup_load.hpp"
#include "tests/bench/registry.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace bench;

constexpr std::array<Load, 6> loads = {{
    {"1 client, lock step", 1, 1},
    {"8 clients, lock step", 8, 1},
    {"1 client, 100 in flight", 1, 100},
    {"2 clients, 100 in flight", 2, 100},
    {"1 client, 1000 in flight", 1, 1000},
    {"2 clients, 1000 in flight", 2, 1000},
}};
constexpr const char* lookup = R"({"message_type":"LookupActor","actor_name":"OrderProcessor-500"})";
constexpr int names = 1000;

struct Options {
  std::string program;
  int rounds = 8;
  int milliseconds = 1000; ///< of a round
  bool curve = false;
};

struct Side {
  std::string endpoint;
  std::vector<double> rates = {};
  std::vector<std::uint32_t> latencies = {};

  void add(Result result) {
    rates.push_back(result.per_second);
    latencies.insert(latencies.end(), result.latencies.begin(), result.latencies.end());
  }
  double median_rate() {
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  }
  /// In microseconds. \pre latencies are sorted.
  [[nodiscard]] double percentile(double part) const {
    const auto index = static_cast<std::size_t>(static_cast<double>(latencies.size() - 1) * part);
    return latencies[index] / 1000.0;
  }
  void print(const char* name) {
    std::sort(latencies.begin(), latencies.end());
    std::printf("  %-9s %9.0f lookups/s   p50 %8.1f us   p99 %8.1f us   p99.9 %8.1f us\n", name,
                median_rate(), percentile(0.5), percentile(0.99), percentile(0.999));
  }
};

void fill(const std::string& endpoint) {
  for (int i = 0; i < names; ++i) {
    ask(endpoint, R"({"message_type":"RegisterActor","manager_id":"Bench","actor_name":"OrderProcessor-)" +
                      std::to_string(i) + R"(","actor_endpoint":"tcp://10.20.30.40:5556"})");
  }
}

/// The manager is kept online, so that every answer has the same bytes.
void heartbeat(const std::string& endpoint) {
  ask(endpoint, R"({"message_type":"Heartbeat","manager_id":"Bench"})");
}

void measure(const Load& load, const Options& options, const std::string& registry_endpoint,
             const std::string& bare_endpoint, const std::string& reply) {
  Side registry{registry_endpoint};
  Side bare{bare_endpoint};
  const std::chrono::milliseconds time(options.milliseconds);
  for (int round = 0; round < options.rounds; ++round) {
    heartbeat(registry.endpoint);
    // ABBA: neither is always the first of a pair.
    for (Side* side : round % 2 == 0 ? std::array{&registry, &bare} : std::array{&bare, &registry}) {
      side->add(run_load(load, side->endpoint, lookup, reply, time));
    }
  }
  std::printf("%s\n", load.name);
  registry.print("registry");
  bare.print("bare");
  std::printf("  ratio %.3f   (target >= %s)\n", registry.median_rate() / bare.median_rate(),
              options.curve ? "0.85" : "0.9");
  std::fflush(stdout);
}

/// A registry that trusts this process's key. \returns its command.
std::vector<std::string> with_curve(const Options& options, const Directory& directory, const KeyPair& server,
                                    const std::string& endpoint) {
  const auto client = make_key_pair();
  use_curve(server.public_key, client);
  const std::string folder = directory.path();
  const std::string key_file = folder + "/registry.key_secret";
  std::ofstream(key_file) << "curve\n    public-key = \"" << server.public_key << "\"\n    secret-key = \""
                          << server.secret_key << "\"\n";
  std::filesystem::permissions(key_file, std::filesystem::perms::owner_read);
  const nlohmann::json clients = {{"clients", {{"bench", {{"key", client.public_key}}}}}};
  std::ofstream(folder + "/clients.json") << clients;
  const nlohmann::json config = {
      {"registry_endpoint", endpoint},
      {"security",
       {{"curve",
         {{"endpoints", {endpoint}}, {"key_file", key_file}, {"clients_file", folder + "/clients.json"}}}}}};
  std::ofstream(folder + "/registry.json") << config;
  return {options.program, "--config", folder + "/registry.json", "registry", "serve", "--in-memory"};
}

void run(const Options& options, const std::string& self) {
  const Directory directory(options.program);
  const std::string registry_endpoint = free_endpoint();
  std::vector<std::string> serve = {options.program, "registry",        "serve",
                                    "--endpoint",    registry_endpoint, "--in-memory"};
  const auto server = make_key_pair();
  if (options.curve) serve = with_curve(options, directory, server, registry_endpoint);
  const Child registry(serve);
  fill(registry_endpoint);
  const std::string reply = ask(registry_endpoint, lookup);
  const std::string bare_endpoint = free_endpoint();
  const Child bare({self, "--bare", bare_endpoint, reply, options.curve ? server.secret_key : ""});
  if (ask(bare_endpoint, lookup) != reply) throw std::runtime_error("the bare ROUTER answers something else");
  std::printf("%d rounds of %d ms each, alternating; rates are medians of the rounds%s\n", options.rounds,
              options.milliseconds, options.curve ? "; both over CURVE" : "");
  for (const Load& load : loads)
    measure(load, options, registry_endpoint, bare_endpoint, reply);
}

Options parse(std::vector<std::string> words) {
  Options options;
  const auto curve = std::find(words.begin(), words.end(), "--curve");
  options.curve = curve != words.end();
  if (options.curve) words.erase(curve);
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--program") {
      options.program = words[i + 1];
    } else if (words[i] == "--rounds") {
      options.rounds = std::stoi(words[i + 1]);
    } else if (words[i] == "--milliseconds") {
      options.milliseconds = std::stoi(words[i + 1]);
    } else {
      throw std::invalid_argument("unknown option " + words[i]);
    }
  }
  const bool good = words.size() % 2 == 0 && !options.program.empty() && options.rounds > 0 &&
                    options.milliseconds > 0 &&
                    options.milliseconds <= 2000; // the manager's heartbeat comes once a round
  if (!good)
    throw std::invalid_argument(
        "usage: lookup_bench --program ACTORSCTL [--curve] [--rounds N] [--milliseconds N (2000)]");
  return options;
}

} // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 5 && std::string(argv[1]) == "--bare") {
      run_bare_router(argv[2], argv[3], argv[4]);
    } else {
      run(parse({argv + 1, argv + argc}), argv[0]);
    }
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "lookup_bench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lookup_bench: %s\n", error.what());
    return 1;
  }
}
