// A manager from nothing: the actor `echo` sends back what it gets (docs/writing_a_manager.md).

#include "actors/registry/RegistryClient.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <systemd/sd-daemon.h>

namespace {

using namespace actors::registry;
using namespace std::chrono_literals;

std::atomic<bool> ending = false;

void end(int) {
  ending = true;
}

std::string setting(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing sets one
  return value ? value : otherwise;
}

/// What came, sent back.
struct Echo : Message {
  explicit Echo(std::string fields) : fields(std::move(fields)) {}
  [[nodiscard]] std::string message_type() const override { return "Echo"; }
  [[nodiscard]] std::string json() const override { return fields; }
  std::string fields;
};

/// The registry may be away, or another manager may have the name still: then it is tried again.
bool is_registered(RegistryClient& client, const Actor& me) {
  try {
    client.register_actor(me.name(), me.endpoint());
    return true;
  } catch (const RegistryError& error) {
    std::fprintf(stderr, "%s; trying again\n", error.what());
    return false;
  }
}

/// What somebody gives as its endpoint may be none: no reason to end.
void answer(const Envelope& asked, const ZmqSender& sender) {
  if (asked.sender_endpoint.empty()) return;
  try {
    ActorRef(asked.sender_actor, asked.sender_endpoint, sender).send(Echo(asked.message));
  } catch (const RegistryError& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
}

void run(const std::string& manager_id, const std::string& registry, const std::string& endpoint) {
  ZmqReceiver receiver(endpoint); // first: who finds us can send
  const ZmqSender sender;
  const Actor me("echo", receiver.endpoint());

  RegistryClient client(manager_id, registry, 1s);
  client.on_superseded([] { end(0); }); // a newer process has our place
  client.start_heartbeat();
  sd_notify(0, "READY=1");

  bool registered = false;
  while (!ending) {
    registered = registered || is_registered(client, me);
    if (const auto asked = receiver.receive(1s)) answer(*asked, sender);
  }

  sd_notify(0, "STOPPING=1");
  client.goodbye(); // offline at once, not after the timeout
}

} // namespace

int main(int count, char** words) {
  std::signal(SIGTERM, end);
  std::signal(SIGINT, end);
  try {
    run(setting("MANAGER_ID", "Echo"), setting("REGISTRY_ENDPOINT", "tcp://localhost:5555"),
        count > 1 ? words[1] : "tcp://*:7100");
  } catch (const RegistryError& error) { // the endpoint is taken, or can't be one
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
