#pragma once

#include "actors/registry/CurveKeys.hpp"
#include "actors/registry/errors.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actors::registry {

/// Who a manager is to systemd. Every field may be absent.
struct ProcessInfo {
  std::optional<std::string> host;          ///< its name for itself, not an address
  std::optional<std::int64_t> pid;          ///< as its host counts
  std::optional<std::string> unit;          ///< `orders.service`
  std::optional<std::string> invocation_id; ///< systemd's, of this activation of the unit
  std::optional<std::string> language;      ///< `c++`, `rust`, `python`
  std::optional<std::string> version;       ///< of its client library
};

/// An actor in a list.
struct ActorEntry {
  std::string actor_name; ///< lists are ordered by it, bytewise
  std::string endpoint;   ///< also of one that is offline: the last known
  std::string manager_id; ///< whose it is
  bool online = false;    ///< its manager is heard, and has registered it in its present life
  bool suspect = false;   ///< online although its manager was not heard
};

/// What a lookup found.
struct FoundActor {
  std::string actor_name;                ///< as it was asked for
  std::optional<std::string> endpoint;   ///< none: not registered
  bool online = false;                   ///< its manager is heard
  bool suspect = false;                  ///< online although its manager was not heard
  std::optional<std::string> manager_id; ///< as far as the registry says it
};

/// A registration as it was stored.
struct StoredActor {
  std::string endpoint;    ///< another than was sent where that one was a wildcard
  bool local_only = false; ///< other machines can't reach it
};

/// The coming silence of a manager is planned.
struct ExpectedOffline {
  double seconds = 0; ///< for so long from now on
  std::string reason; ///< may be empty
};

/// A manager in a list.
struct ManagerEntry {
  std::string manager_id; ///< lists are ordered by it, bytewise
  bool online = false;    ///< heard within the registry's timeout
  bool suspect = false;   ///< online although it was not heard: the registry doubts that so many died at once
  /// Since its last message, on the registry's clock, when the reply was made; absent: not heard since the
  /// registry was started.
  std::optional<double> age_s;
  std::uint64_t actors = 0;                ///< names that its present life holds
  std::optional<std::string> instance;     ///< tells this life from others; none of a plain peer
  std::optional<ProcessInfo> process;      ///< none of a plain peer
  std::string address;                     ///< where its last message came from; may be empty
  std::optional<ExpectedOffline> expected; ///< where its silence is planned
};

/// How a registry is.
struct RegistryStatus {
  std::string version;                         ///< of the registry's program
  std::string epoch;                           ///< another where it began without the state of the one before
  std::string run;                             ///< another at each of its starts
  std::string store;                           ///< `memory`, `durable`, or `failing`
  double uptime_s = 0;                         ///< since its start
  std::map<std::string, std::uint64_t> counts; ///< actors, actors_online, managers, managers_online
  std::map<std::string, std::uint64_t> counters; ///< since the start: requests by type, errors by code
  std::optional<std::string> events_endpoint;    ///< none: it publishes no events
  std::vector<std::string> warnings;             ///< for people
};

/// Asks the registry, and again while there is no answer, unless to unregister (docs/protocol.md). Every call
/// ends within `timeout`; a reply that comes late is never taken for another's. One thread at a time, and
/// not in a forked child, where calls throw RegistryError.
class RegistryQuery {
public:
  /// \param endpoints tried in order, the last good one first.
  explicit RegistryQuery(std::vector<std::string> endpoints,
                         std::chrono::milliseconds timeout = std::chrono::seconds(5),
                         CurveKeys keys = CurveKeys::from_environment());
  /// What was moved from may only be destroyed or assigned to.
  RegistryQuery(RegistryQuery&&) noexcept;
  /// As above.
  RegistryQuery& operator=(RegistryQuery&&) noexcept;
  ~RegistryQuery();

  /// Asked about every 50 ms during calls, on their thread; true ends them with a TimeoutError.
  void cancel_when(std::function<bool()> cancelled);

  /// The endpoint of an online actor. \throws ActorNotFoundError, ActorOfflineError, TimeoutError,
  /// RegistryError.
  std::string lookup(const std::string& actor_name);
  /// Endpoint and whether it is online. \throws ActorNotFoundError, TimeoutError, RegistryError.
  std::pair<std::string, bool> lookup_allow_offline(const std::string& actor_name);
  /// What is known of a name, also where that is nothing. \throws TimeoutError, RegistryError.
  FoundActor find(const std::string& actor_name);
  /// One entry for each name, in their order. What is not registered has no endpoint. Where there are many
  /// names, not all of them are looked up at the same moment. \throws TimeoutError, RegistryError.
  std::vector<FoundActor> lookup_many(const std::vector<std::string>& actor_names);
  /// By name; all where pattern (a glob) is empty. \throws TimeoutError, RegistryError.
  std::vector<ActorEntry> list_actors(const std::string& pattern = {});
  /// Likewise.
  std::vector<ManagerEntry> list_managers(const std::string& pattern = {});
  /// How the registry is. \throws TimeoutError, RegistryError.
  RegistryStatus info();

  /// For people and programs that act for a manager which does not speak itself. Counts as a heartbeat of the
  /// manager's current life, so it is online for one timeout. \throws RegistrationFailedError, TimeoutError,
  /// RegistryError.
  StoredActor register_actor(const std::string& actor_name, const std::string& endpoint,
                             const std::string& manager_id);
  /// Fine also where there is no such name. \param manager_id only if that manager has it; empty: whoever
  /// does. \throws RegistrationFailedError, TimeoutError, RegistryError.
  void unregister_actor(const std::string& actor_name, const std::string& manager_id = {});
  /// The manager is offline at once, its names keep their endpoints. \param forget it and its names are gone
  /// instead. \returns how many names that concerns. \throws TimeoutError, RegistryError.
  std::uint64_t say_goodbye(const std::string& manager_id, bool forget = false);
  /// The manager's silence within so many seconds from now is planned; 0: no longer. \param reason for
  /// people, at most 255 bytes; may be empty. \returns the seconds in force: 0 where the registry does not
  /// know the manager. \throws TimeoutError, RegistryError.
  double expect_offline(const std::string& manager_id, double seconds, const std::string& reason = {});

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace actors::registry
