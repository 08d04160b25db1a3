#pragma once

#include "registry_core/liveness_clock.hpp"
#include "registry_core/protocol/messages.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace registry_core {

/// What is done when a name's owner is silent and another manager registers it.
enum class Takeover : std::uint8_t { offline, never };

struct RegistryOptions {
  Nanos heartbeat_timeout = 6 * nanos_per_second;
  Takeover takeover = Takeover::offline;
  std::optional<Nanos> forget_offline_after; ///< absent: nothing is forgotten
  std::string connect_host;                  ///< the host of `registry_connect`; may be empty
  std::string epoch; ///< of the state: whoever starts without the one before has another
  std::string run;   ///< of this start
};

/// When a request arrived.
struct Now {
  Nanos liveness = 0;  ///< LivenessClock::now()
  Nanos monotonic = 0; ///< the plain clock, for ages
};

/// What happened, in words that listeners and the log use (docs/protocol.md, "Events").
struct Event {
  enum class Kind : std::uint8_t {
    registered,
    endpoint_changed,
    unregistered,
    taken_over,
    online,
    offline,
    superseded,
    forgotten,
    local_only, ///< for the log alone: an endpoint was stored that other machines can't reach
  };
  Kind kind = Kind::registered;
  std::string actor_name; ///< empty where it is about a manager
  std::string manager_id;
  std::string detail; ///< the endpoint; of taken_over the former owner; of superseded the new instance
};

/// What must outlive a restart. Every durable part of the state changes by these and by nothing else, so a
/// store has all that it needs when it keeps them in order.
struct InstanceBegan {
  std::string manager_id;
  std::optional<std::string> instance; ///< absent: a manager without one was heard first
};
struct NameRegistered {
  std::string actor_name, endpoint, manager_id;
  std::optional<std::string> instance;
};
struct NameRemoved {
  std::string actor_name;
  bool forgotten = false;
};
struct LossSettled { ///< the manager registered or unregistered what had been taken from it
  std::string manager_id, actor_name;
};
struct ManagerForgotten {
  std::string manager_id;
};
using Change = std::variant<InstanceBegan, NameRegistered, NameRemoved, LossSettled, ManagerForgotten>;

/// Who asks, and when.
struct Asker {
  std::string_view address; ///< as peer_host() gives it; empty: not known, or local
  Now now;
};

/// Names, owners and liveness: the state machine behind the protocol.
///
/// Pure: no socket, clock, thread or lock, so one thread uses it, with time that never runs backwards. A
/// request is first decided upon, which changes nothing, then its changes are applied, then the reply is made
/// of the state.
class Registry {
public:
  explicit Registry(RegistryOptions options);
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;
  ~Registry();

  /// Acts upon a request and answers it. The reply's views are good until the next call of anything here.
  protocol::Reply handle(const protocol::Request& request, const Asker& asker);

  /// Everything online just before `before` has a full timeout again from `now` on (both of the liveness
  /// clock).
  void grant_timeout(Nanos before, Nanos now);

  /// Says of at most `most` managers or names that their time is over. Lookups do not depend on it: they
  /// compare the clock. \returns whether there is more to do.
  bool expire(Nanos now, std::size_t most);

  /// What happened since the last call, in order; empties the list.
  std::vector<Event> take_events();

  /// What a store would have to keep since the last call, in order; empties the list.
  std::vector<Change> take_changes();

  /// Online as of the latest expire().
  struct Counts {
    std::uint64_t actors = 0, actors_online = 0, managers = 0, managers_online = 0;
  };
  [[nodiscard]] Counts counts() const noexcept;
  [[nodiscard]] const RegistryOptions& options() const noexcept;

private:
  class State;
  std::unique_ptr<State> state_;
};

/// A list has as many entries where the request names no limit, and never more than the second.
inline constexpr std::uint64_t default_page = 1000;
inline constexpr std::uint64_t largest_page = 10'000;

} // namespace registry_core
