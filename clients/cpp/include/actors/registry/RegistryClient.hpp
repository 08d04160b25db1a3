#pragma once

#include "actors/registry/RegistryQuery.hpp"
#include "actors/registry/errors.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace actors::registry {

/// Anything that knows where the registry is: the framework's ActorRef, for one.
template<typename T>
concept HasEndpoint = requires(const T& ref) {
  { ref.endpoint() } -> std::convertible_to<std::string>;
};

/// A manager's side of the registry: registers actors, sends heartbeats, looks others up.
///
/// Safe to use from any thread. Heartbeats (every 2 s with a little jitter) have a thread and a socket of
/// their own. When the registry has lost what it acknowledged, everything is registered again, except what
/// another manager has taken over. Who this process is (host, pid, unit, $INVOCATION_ID) goes with
/// registrations and heartbeats, and so does a random `instance`, which tells this life of the manager from
/// the one before.
class RegistryClient {
public:
  RegistryClient(std::string manager_id, const std::string& registry_endpoint,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5));
  /// \param registry_endpoints tried in order, the last good one first. \throws RegistryError where there is
  /// none.
  RegistryClient(std::string manager_id, std::vector<std::string> registry_endpoints,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5));
  template<HasEndpoint Ref>
  RegistryClient(std::string manager_id, const Ref& registry_ref)
      : RegistryClient(std::move(manager_id), std::string(registry_ref.endpoint())) {}
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  /// The manager is another process of this machine, which the calling one was started to run: that pid goes
  /// with registrations and heartbeats in place of our own, and no language or version, which are the
  /// other's. Before the first registration or heartbeat.
  void speak_for(std::int64_t pid);

  /// The first heartbeat is sent at once. Nothing happens where they are under way already. \throws
  /// RegistryError where an endpoint can't be one.
  void start_heartbeat();
  /// No heartbeat is sent after it returned. Not from within a notice.
  void stop_heartbeat();

  /// Ends this life of the manager: stops the heartbeats and tells the registry, for which the manager's
  /// names are offline at once instead of after its timeout. They keep their endpoints; start_heartbeat() or
  /// register_actor() brings them back. Not from within a notice. \returns whether the registry has
  /// confirmed it. Ends within the timeout and never throws for a registry that is away or refuses:
  /// it will notice the silence.
  bool goodbye();

  /// What a log would want to know, a line at a time: the registry stopped or began to answer, everything was
  /// registered again, a name was lost to another manager, a newer instance of this manager is running.
  /// Called on the thread of the heartbeats; set it before start_heartbeat().
  void on_notice(std::function<void(const std::string&)> notice);

  /// \throws RegistrationFailedError, TimeoutError, RegistryError.
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
