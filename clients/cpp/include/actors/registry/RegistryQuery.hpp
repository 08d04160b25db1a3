#pragma once

#include "actors/registry/errors.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actors::registry {

/// Who a manager is to systemd. Every field may be absent.
struct ProcessInfo {
  std::optional<std::string> host;
  std::optional<std::int64_t> pid;
  std::optional<std::string> unit;
  std::optional<std::string> invocation_id;
  std::optional<std::string> language;
  std::optional<std::string> version;
};

struct ActorEntry {
  std::string actor_name;
  std::string endpoint;
  std::string manager_id;
  bool online = false;
  bool suspect = false;
};

struct ManagerEntry {
  std::string manager_id;
  bool online = false;
  double age_s = 0; ///< since its last message, on the registry's clock, when the reply was made
  std::uint64_t actors = 0;
  std::optional<std::string> instance;
  std::optional<ProcessInfo> process;
  std::string address; ///< where its last message came from; may be empty
};

struct RegistryStatus {
  std::string version, epoch, run, store;
  double uptime_s = 0;
  std::map<std::string, std::uint64_t> counts;   ///< actors, actors_online, managers, managers_online
  std::map<std::string, std::uint64_t> counters; ///< since the start: requests by type, errors by code
  std::vector<std::string> warnings;
};

/// Asks the registry. Every call ends within `timeout`; a reply that comes late is never taken for another's.
/// One thread at a time.
class RegistryQuery {
public:
  /// \param endpoints tried in order, the last good one first.
  explicit RegistryQuery(std::vector<std::string> endpoints,
                         std::chrono::milliseconds timeout = std::chrono::seconds(5));
  RegistryQuery(RegistryQuery&&) noexcept;
  RegistryQuery& operator=(RegistryQuery&&) noexcept;
  ~RegistryQuery();

  /// The endpoint of an online actor. \throws ActorNotFoundError, ActorOfflineError, TimeoutError,
  /// RegistryError.
  std::string lookup(const std::string& actor_name);
  /// Endpoint and whether it is online. \throws ActorNotFoundError, TimeoutError, RegistryError.
  std::pair<std::string, bool> lookup_allow_offline(const std::string& actor_name);
  /// By name; all where pattern (a glob) is empty. \throws TimeoutError, RegistryError.
  std::vector<ActorEntry> list_actors(const std::string& pattern = {});
  std::vector<ManagerEntry> list_managers(const std::string& pattern = {});
  RegistryStatus info();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace actors::registry
