// A manager's calls, one after the other; first_manager is one that stays.

#include "actors/registry/RegistryClient.hpp"

#include <cstdio>

int main() {
  try {
    actors::registry::RegistryClient client("MyManager", "tcp://localhost:5555");
    client.start_heartbeat();
    client.register_actor("MyActor", "tcp://localhost:5556");
    std::string endpoint = client.lookup("OtherActor"); // or ActorOfflineError, TimeoutError, …
    client.goodbye();                                   // offline at once, not after the timeout
    std::puts(endpoint.c_str());
  } catch (const actors::registry::RegistryError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
