#pragma once

#include "clients/cpp/src/connection.hpp"
#include "clients/cpp/src/notices.hpp"
#include "clients/cpp/src/registration_results.hpp"

#include <map>
#include <mutex>
#include <set>
#include <span>
#include <utility>

namespace actors::registry {

/// What the registry has acknowledged to this manager, and what it has to be told again. From any thread.
class NamesHeld {
public:
  void registered(const std::string& name, const std::string& endpoint, const Json& registration_ok);
  /// \param actors what was to be registered, \param results one for each.
  void registered_many(std::span<const ActorAddress> actors, const RegistrationResults& results);
  void given_up(const std::string& name);
  /// All of them.
  void forgotten();
  [[nodiscard]] bool holds(const std::string& name) const;

  /// A heartbeat is about to be sent: its acknowledgement can't count names that are acknowledged later.
  void heartbeat_sent();
  /// \returns what was lost, and whether this life is superseded. \throws Json::exception, and nothing has
  /// happened.
  std::vector<Notice> heartbeat_acknowledged(const Json& ack);

  /// Whether the registry knows less than it acknowledged: from the first such sign until end_repair().
  [[nodiscard]] bool needs_repair();
  /// Names and their endpoints that are to be registered again, as many as a RegisterActors holds, at most so
  /// many; empty when all have been.
  [[nodiscard]] std::vector<ActorAddress> next_to_repair(std::size_t most) const;
  struct Repaired {
    std::vector<Notice> notices;
    bool go_on = false; ///< false: nothing is to be had now; the next heartbeat is soon enough
  };
  /// The registry's answer for them: to a RegisterActors, or to a RegisterActor for the only one.
  Repaired repaired(const std::vector<ActorAddress>& actors, const Json& reply);
  /// \returns how many names were registered again.
  std::size_t end_repair();

private:
  /// Of the registry, as its reply has it.
  struct State {
    std::string epoch;
    std::uint64_t actors = 0;
  };
  static State state_of(const Json& reply);
  void see_state(const State& state, std::size_t expected);
  void begin_repair();
  /// \returns whether it was held.
  bool drop(const std::string& name);
  void take_result(const Json& result, Repaired& repaired);

  mutable std::mutex mutex_;
  std::map<std::string, std::string> endpoints_; ///< of the names that were acknowledged and not lost
  /// How many of them there were when the last heartbeat was sent, so that the registry must count them.
  std::size_t at_heartbeat_ = 0;
  std::string epoch_;
  bool superseded_ = false;
  bool repair_ = false;
  std::set<std::string> to_repair_;
  std::size_t repaired_ = 0;
  std::string refusal_; ///< the last one that may pass, said already
};

} // namespace actors::registry
