#pragma once

#include "registry_core/changes.hpp"
#include "registry_core/event.hpp"
#include "registry_core/limits.hpp"
#include "registry_core/liveness_clock.hpp"
#include "registry_core/protocol/messages.hpp"
#include "registry_core/security/permissions.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace registry_core {

/// What is done when a name's owner is silent and another manager registers it.
enum class Takeover : std::uint8_t { offline, never };

struct RegistryOptions {
  Nanos heartbeat_timeout = 6 * nanos_per_second;
  Takeover takeover = Takeover::offline;
  std::optional<Nanos> forget_offline_after; ///< absent: nothing is forgotten
  /// When more than this share of the managers that are online would expire in one check, they read as
  /// online, and are suspects, until they are heard or `guard_max` is over. With it a timeout is concluded by
  /// the check alone, not by the lookup before it. Absent: no guard.
  std::optional<double> mass_timeout_guard;
  Nanos guard_max = 60 * nanos_per_second;
  Limits limits;
  std::string connect_host; ///< the host of `registry_connect`; may be empty
  std::string epoch;        ///< of the state: whoever starts without the one before has another
  std::string run;          ///< of this start
};

/// When a request arrived.
struct Now {
  Nanos liveness = 0;  ///< LivenessClock::now()
  Nanos monotonic = 0; ///< the plain clock, for ages
};

/// Who asks, and when.
struct Asker {
  std::string_view address; ///< as peer_host() gives it; empty: not known, or local
  Now now;
  const Permissions* permissions = nullptr; ///< what of a list he may see; nullptr: everything
};

/// What a request comes to.
struct Plan {
  /// Another plan that is not stored yet stands in its way: decide again when that is done with.
  bool waits = false;
  /// The whole answer, where nothing is to be done.
  std::optional<protocol::Reply> answer;
  /// What must be stored before it takes effect; often nothing.
  std::vector<Change> changes;

  bool proposed = false;

  // What apply() and reply() need to know of the decision.
  enum class Effect : std::uint8_t { none, speaks, says_goodbye };
  struct Outcome {
    std::string reason; ///< not empty: it failed
    protocol::ErrorCode code = protocol::ErrorCode::invalid_field;
  };
  Effect effect = Effect::none;  ///< on the manager's liveness
  std::string manager_id;        ///< whose names are counted in the answer; may be empty
  std::vector<Outcome> outcomes; ///< of each name to be registered or unregistered
  std::uint64_t new_names = 0;   ///< that `changes` add to the manager
  std::vector<std::string>
      local_only;          ///< names stored with endpoints that other machines can't reach, for the log
  std::uint64_t ended = 0; ///< names that a goodbye ends
};

/// Names, owners and liveness: the state machine behind the protocol.
///
/// Pure: no socket, clock, thread or lock, so one thread uses it, with time that never runs backwards. A
/// request is decided upon, which changes nothing that others can see (that its manager was heard apart);
/// what it would change is stored by the caller; then it takes effect and is answered:
///
///     Plan plan = registry.decide(request, asker);
///     if (plan.answer) …send it…
///     if (!plan.changes.empty()) { registry.propose(plan); …store plan.changes… }
///     registry.apply(plan, asker);            // or give_up(plan), where it could not be stored
///     …send registry.reply(request, plan, asker)…
///
/// Between propose() and apply(), whatever would depend on it waits; everything else goes on.
class Registry {
public:
  explicit Registry(RegistryOptions options);
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;
  ~Registry();

  /// \param asker when the request arrived; a request that waited is decided upon as of then.
  Plan decide(const protocol::Request& request, const Asker& asker);
  /// Its changes are on their way to the store. Once, before apply() or give_up().
  void propose(Plan& plan);
  /// The request takes effect. Plans are applied in the order in which they were proposed.
  void apply(const Plan& plan, const Asker& asker);
  /// It could not be stored, and takes no effect.
  void give_up(const Plan& plan);
  /// Of what was applied. The reply's views are good until the next call of anything here.
  protocol::Reply reply(const protocol::Request& request, const Plan& plan, const Asker& asker);
  /// All of the above, where nothing has to be stored and nothing is proposed.
  protocol::Reply handle(const protocol::Request& request, const Asker& asker);
  /// The most frequent request has a way of its own, to the same answer.
  protocol::LookupResult look_up(const protocol::LookupActor& request, const Now& now);
  /// A request that has to wait its turn was heard all the same: its manager lives.
  void hear(const protocol::Request& request, const Asker& asker);

  /// Everything online just before `before` has a full timeout again from `now` on (both of the liveness
  /// clock).
  void grant_timeout(Nanos before, Nanos now);

  /// Says of at most `most` managers that their time is over. Lookups do not depend on it: they compare the
  /// clock. \returns whether there is more to do.
  bool expire(const Now& now, std::size_t most);
  /// What has been offline for longer than `forget_offline_after`, at most `most` names and managers of it,
  /// to be proposed and applied like any other plan; none where there is nothing.
  std::optional<Plan> forget(const Now& now, std::size_t most);

  /// A mass timeout that the guard has caught since the last call.
  struct GuardTrip {
    std::uint64_t silent = 0, online = 0; ///< at least so many of so many
  };
  std::optional<GuardTrip> take_guard_trip() noexcept;

  /// A sign of life for listeners.
  void tick();
  /// What happened since the last call, in order; empties the list.
  std::vector<Event> take_events();

  /// Puts a stored change back. Before anything else is called.
  void restore(Change&& change);
  /// All of it is back: what was online has a full timeout to be heard.
  void restored(const Now& now);

  /// What is visible already and is to be stored with some later batch: at most `most` changes, none of a
  /// manager that a proposed plan changes.
  std::vector<Change> take_unstored(const Now& now, std::size_t most);
  /// They could not be stored: they come again.
  void not_stored(const std::vector<Change>& changes);

  /// Where a walk over the whole durable state stands.
  struct Walk {
    bool managers_done = false;
    std::string after;
  };
  /// Hands out the next `most` entries or so. \returns whether there are more.
  bool walk(Walk& walk, const Now& now, std::size_t most,
            const std::function<void(const Change&)>& take) const;

  /// Online as of the latest expire(); suspects count as online.
  struct Counts {
    std::uint64_t actors = 0, actors_online = 0, managers = 0, managers_online = 0, managers_suspect = 0;
  };
  [[nodiscard]] Counts counts() const noexcept;
  [[nodiscard]] const RegistryOptions& options() const noexcept;
  /// From now on these hold; epoch and run stay.
  void change_options(RegistryOptions options);

private:
  class State;
  std::unique_ptr<State> state_;
};

/// A list has as many entries where the request names no limit, and never more than the second.
inline constexpr std::uint64_t default_page = 1000;
inline constexpr std::uint64_t largest_page = 10'000;

} // namespace registry_core
