#pragma once

#include "actors/registry/ActorRef.hpp"
#include "actors/registry/CurveKeys.hpp"
#include "actors/registry/RegistryQuery.hpp"
#include "actors/registry/ZmqReceiver.hpp"
#include "actors/registry/ZmqSender.hpp"
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

/// Anything that knows where the registry is: an ActorRef, this library's or the framework's own.
template<typename T>
concept HasEndpoint = requires(const T& ref) {
  { ref.endpoint() } -> std::convertible_to<std::string>;
};

/// A name, and where its messages go.
struct ActorAddress {
  std::string actor_name;     ///< 1 to 255 bytes of UTF-8 without control characters
  std::string actor_endpoint; ///< `tcp://host:port`, `ipc://path`; a wildcard host is this machine's address
};

/// What became of one name of many.
struct RegistrationResult {
  std::string actor_name; ///< as it was given
  bool ok = false;        ///< it is registered
  StoredActor stored;     ///< where it is ok
  std::string reason;     ///< where it is not, for people
  std::string code; ///< and for programs: `taken`, `superseded`, `invalid_field`, … (docs/protocol.md)
};

/// What happens to a client without a call of its own.
struct Notice {
  /// What has happened.
  enum class Kind : std::uint8_t {
    silent,           ///< the registry did not acknowledge two heartbeats, or has refused the connection
    reconnected,      ///< it answers again
    registered_again, ///< it had lost names, and has them again
    superseded,       ///< a newer instance of this manager is running
    lost,             ///< another manager, or an operator, has taken a name; it is not taken back
    trouble,          ///< anything else for the log
  };
  Kind kind = Kind::trouble; ///< says which of the others have a meaning
  std::string actor_name;    ///< of `lost`
  std::size_t actors = 0;    ///< of `registered_again`: how many
  std::string text;          ///< a line for the log
};

/// A manager's side of the registry: registers actors, sends heartbeats, looks others up.
///
/// Safe to use from any thread. Heartbeats (every 2 s, give or take a little) have a thread and a socket of
/// their own. A call ends within the timeout, asks again while there is no answer (docs/protocol.md), and
/// takes no late reply for another's. When the registry has lost what it acknowledged, everything is
/// registered again, but what another manager has taken over. Who this process is (host, pid, unit,
/// $INVOCATION_ID) goes with registrations and heartbeats, and so does a random `instance`, new in each life.
///
/// A forked child has neither the threads nor the sockets: there every call throws RegistryError, but
/// stop_heartbeat(), the client's end does nothing, and the child makes a client of its own. A program that
/// calls daemon(3) makes its client after that.
class RegistryClient {
public:
  /// Nothing is sent yet. \param timeout of each call. \param keys for a registry whose endpoints are
  /// encrypted. \throws UnusableKeyError where the environment names keys that can't be used.
  RegistryClient(std::string manager_id, const std::string& registry_endpoint,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5),
                 CurveKeys keys = CurveKeys::from_environment());
  /// \param registry_endpoints of one registry, tried in order, the last good one first; two registries share
  /// no state. \throws RegistryError where there is none.
  RegistryClient(std::string manager_id, std::vector<std::string> registry_endpoints,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5),
                 CurveKeys keys = CurveKeys::from_environment());
  /// Where the ref has it.
  template<HasEndpoint Ref>
  RegistryClient(std::string manager_id, const Ref& registry_ref,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5),
                 CurveKeys keys = CurveKeys::from_environment())
      : RegistryClient(std::move(manager_id), std::string(registry_ref.endpoint()), timeout,
                       std::move(keys)) {}
  /// Says goodbye where something was registered or heartbeats were sent and no goodbye was said yet; waits a
  /// second at most for the registry to confirm it. On the thread of a notice, too, as where a function of
  /// the client's lets go of its last owner or calls std::exit(): no function is called any more, and the
  /// thread ends when that one has returned.
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  /// The manager is another process of this machine, which the calling one was started to run: that pid goes
  /// with registrations and heartbeats in place of our own, and no language or version, which are the
  /// other's. Before the first registration or heartbeat.
  void speak_for(std::int64_t pid);

  /// The first heartbeat is sent at once. Nothing happens where they are under way already, also where
  /// another thread is about to stop them. \throws RegistryError where an endpoint can't be one.
  void start_heartbeat();
  /// No heartbeat is sent after it returned. \throws RegistryError on the thread of this client's notices.
  void stop_heartbeat();
  /// For a registry whose heartbeat_timeout_s is not the usual one: a third of that. Takes effect with the
  /// next start_heartbeat().
  void set_heartbeat_interval(std::chrono::milliseconds interval);

  /// Ends this life of the manager: stops the heartbeats and tells the registry, for which the manager's
  /// names are offline at once instead of after its timeout. They keep their endpoints; start_heartbeat() or
  /// register_actor() brings them back. \param forget the manager and its names are gone instead.
  /// \returns whether the registry has confirmed it. Ends within the timeout and never throws for a registry
  /// that is away or refuses: it will notice the silence. \throws RegistryError on the thread of this
  /// client's notices.
  bool goodbye(bool forget = false);

  /// Called on the thread of the heartbeats, which wait for its return; may be called before or after
  /// start_heartbeat(), each replacing what was there. What they throw is dropped.
  ///
  /// Where on_notice() was not called, or with an empty function, each notice is a line on stderr, so that it
  /// stands in the journal of a manager that thinks of nothing; a function that does nothing switches that
  /// off.
  void on_notice(std::function<void(const Notice&)> notice);
  /// Beside on_notice(): this manager should end, a newer instance of it is running.
  void on_superseded(std::function<void()> superseded);
  /// Beside on_notice(): the name is another manager's now, or nobody's, and stays so.
  void on_lost(std::function<void(const std::string& actor_name)> lost);

  /// \throws RegistrationFailedError, TimeoutError, RegistryError.
  void register_actor(const std::string& actor_name, const std::string& actor_endpoint);
  /// One result for each, in their order: some may fail. Many go in as few requests as hold them, all within
  /// one timeout. \throws TimeoutError, RegistryError, after which any of them may be registered: to call it
  /// again does no harm.
  std::vector<RegistrationResult> register_actors(const std::vector<ActorAddress>& actors);
  /// Fine also where there is no such name; it is not registered again in any case. \throws
  /// RegistrationFailedError, TimeoutError, RegistryError.
  void unregister_actor(const std::string& actor_name);

  /// As RegistryQuery::lookup().
  std::string lookup(const std::string& actor_name);
  /// As RegistryQuery::lookup_allow_offline().
  std::pair<std::string, bool> lookup_allow_offline(const std::string& actor_name);
  /// As RegistryQuery::lookup_many().
  std::vector<FoundActor> lookup_many(const std::vector<std::string>& actor_names);

private:
  struct State;
  /// \throws RegistryError in a forked child.
  [[nodiscard]] State& own_state() const;

  std::shared_ptr<State> state_;
};

} // namespace actors::registry
