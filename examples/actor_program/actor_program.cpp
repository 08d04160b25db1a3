#include "examples/actor_program/actor_program.hpp"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <stdexcept>

namespace actor_program {

namespace {

using namespace actors::registry;

volatile std::sig_atomic_t asked_to_end = 0;

void note_signal(int) {
  asked_to_end = 1;
}

/// A while, which a signal ends.
void wait_before_next_try() {
  poll(nullptr, 0, 200);
}

} // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

bool is_asked_to_end() {
  return asked_to_end != 0;
}

std::map<std::string, std::string> parse_options(int count, char** words,
                                                 std::map<std::string, std::string> defaults) {
  for (int i = 0; i < count; i += 2) {
    const auto option = defaults.find(words[i]);
    if (option == defaults.end()) throw std::invalid_argument(std::string("unknown option ") + words[i]);
    if (i + 1 == count) throw std::invalid_argument(option->first + " needs a value");
    option->second = words[i + 1];
  }
  return defaults;
}

int parse_count(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1)
    throw std::invalid_argument("'" + text + "' is no number from 1 on");
  return number;
}

std::string usual_registry() {
  const char* const endpoint = std::getenv("REGISTRY_ENDPOINT"); // NOLINT(concurrency-mt-unsafe)
  return endpoint ? endpoint : "tcp://localhost:5555";
}

void print(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

void log(const std::string& program, const std::string& line) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), line.c_str());
}

void join_registry(RegistryClient& client, const std::string& program, const std::string& actor_name,
                   const std::string& endpoint) {
  client.on_notice([program](const Notice& notice) { log(program, notice.text); });
  client.start_heartbeat();
  while (!is_asked_to_end()) {
    try {
      return client.register_actor(actor_name, endpoint);
    } catch (const RegistryError& error) {
      log(program, std::string(error.what()) + "; trying again");
    }
    wait_before_next_try();
  }
}

std::string find(RegistryClient& client, const std::string& program, const std::string& actor_name) {
  try {
    return client.lookup(actor_name);
  } catch (const RegistryError& error) {
    log(program, std::string(error.what()) + "; trying again");
    wait_before_next_try();
    return {};
  }
}

} // namespace actor_program
