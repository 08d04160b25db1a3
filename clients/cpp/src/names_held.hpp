#pragma once

#include "clients/cpp/src/connection.hpp"

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace actors::registry {

/// What the registry has acknowledged to this manager, and what it has to be told again. From any thread.
class NamesHeld {
public:
  void registered(const std::string& name, const std::string& endpoint, const Json& registration_ok);
  void given_up(const std::string& name);
  [[nodiscard]] bool holds(const std::string& name) const;

  /// A heartbeat is about to be sent: its acknowledgement can't count names that are acknowledged later.
  void heartbeat_sent();
  /// \returns lines for the log: what was lost, and whether this life is superseded.
  std::vector<std::string> heartbeat_acknowledged(const Json& ack);

  /// Whether the registry knows less than it acknowledged: from the first such sign until end_repair().
  [[nodiscard]] bool needs_repair();
  /// A name and its endpoint that are to be registered again; none when all have been.
  [[nodiscard]] std::optional<std::pair<std::string, std::string>> next_to_repair() const;
  /// The registry's answer for a name. \returns a line for the log, or none.
  std::string repaired(const std::string& name, const Json& reply);
  /// \returns how many names were registered again.
  std::size_t end_repair();

private:
  void see_state(const Json& reply, std::size_t expected);
  void begin_repair();

  mutable std::mutex mutex_;
  std::map<std::string, std::string> endpoints_; ///< of the names that were acknowledged and not lost
  std::size_t at_heartbeat_ = 0;                 ///< how many they were when the last heartbeat was sent
  std::string epoch_;
  bool superseded_ = false;
  bool repair_ = false;
  std::set<std::string> to_repair_;
  std::size_t repaired_ = 0;
};

} // namespace actors::registry
