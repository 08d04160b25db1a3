#pragma once

#include "actors/registry/RegistryQuery.hpp"
#include "actors/registry/errors.hpp"

#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace actors::registry {

/// Anything that knows where the registry is: the framework's ActorRef, for one.
template <typename T>
concept HasEndpoint = requires(const T& ref) {
  { ref.endpoint() } -> std::convertible_to<std::string>;
};

/// A manager's side of the registry: registers actors, sends heartbeats, looks others up.
///
/// Safe to use from any thread. Heartbeats (every 2 s with a little jitter) have a thread and a socket of their
/// own. When the registry has lost what it acknowledged, everything is registered again.
class RegistryClient {
public:
  RegistryClient(std::string manager_id, const std::string& registry_endpoint,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5));
  template <HasEndpoint Ref>
  RegistryClient(std::string manager_id, const Ref& registry_ref)
      : RegistryClient(std::move(manager_id), std::string(registry_ref.endpoint())) {}
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  void start_heartbeat();
  void stop_heartbeat();

  /// \throws RegistrationFailedError, TimeoutError.
  void register_actor(const std::string& actor_name, const std::string& actor_endpoint);
  void unregister_actor(const std::string& actor_name);

  /// As RegistryQuery has them.
  std::string lookup(const std::string& actor_name);
  std::pair<std::string, bool> lookup_allow_offline(const std::string& actor_name);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace actors::registry
