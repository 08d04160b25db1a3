#pragma once

#include "registry_core/registry.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace registry_core {

struct Manager;
struct Life;

/// A list whose links are members of its elements: moving one to the end costs nothing but pointers.
template<typename Element>
struct IntrusiveList {
  Element* first = nullptr;
  Element* last = nullptr;

  void append(Element& element) noexcept {
    element.previous = last;
    element.next = nullptr;
    (last ? last->next : first) = &element;
    last = &element;
  }
  void remove(Element& element) noexcept {
    (element.previous ? element.previous->next : first) = element.next;
    (element.next ? element.next->previous : last) = element.previous;
    element.previous = element.next = nullptr;
  }
};

/// A registered name. \invariant it stands in the list of its life, whose manager owns it.
struct Actor {
  std::string_view name; ///< the key it stands under
  std::string endpoint;
  Manager* manager = nullptr;
  Life* life = nullptr;
  Actor* previous = nullptr;
  Actor* next = nullptr;
};

struct StoredProcess {
  std::optional<std::string> host, unit, invocation_id, language, version;
  std::optional<std::int64_t> pid;

  void assign(const protocol::Process& process);
  [[nodiscard]] protocol::Process view() const;
};

/// One life of a manager: what calls itself by one `instance`, or by none.
struct Life {
  std::uint64_t serial = 0; ///< of all lives of the manager, unique
  std::optional<std::string> instance;
  Nanos heard = 0;         ///< liveness clock
  Nanos superseded_at = 0; ///< the latest time, liveness clock
  std::optional<StoredProcess> process;
  IntrusiveList<Actor> actors;
  std::uint64_t actor_count = 0;
};

struct Manager {
  std::string_view id; ///< the key it stands under
  std::vector<std::unique_ptr<Life>> lives;
  Life* plain = nullptr;         ///< of messages without an instance, before one with an instance was heard
  Life* current = nullptr;       ///< never null
  std::vector<Life*> superseded; ///< the last 8, the latest at the end
  std::uint64_t lives_so_far = 0;
  Nanos heard = 0; ///< its current life, liveness clock
  Nanos heard_monotonic = 0;
  Nanos offline_since = 0; ///< liveness clock; where it is not in the online list
  bool in_online_list = false;
  std::string address;
  std::set<std::string, std::less<>> lost;
  Manager* previous = nullptr;
  Manager* next = nullptr;

  /// Nullptr where no life of that instance is known.
  [[nodiscard]] Life* find_life(std::string_view instance) const noexcept;
  [[nodiscard]] bool is_superseded(const Life* life) const noexcept;
  /// Names of the current life, and those that any life holds.
  [[nodiscard]] std::uint64_t held() const noexcept;
};

inline constexpr std::size_t remembered_lives = 8;

/// The state behind Registry: tables, the rules over them, and how changes alter them.
class Registry::State {
public:
  explicit State(RegistryOptions given) : options(std::move(given)) {}

  protocol::Reply answer(const protocol::Refusal& request, const Asker& asker);
  protocol::Reply answer(const protocol::RegisterActor& request, const Asker& asker);
  protocol::Reply answer(const protocol::UnregisterActor& request, const Asker& asker);
  protocol::Reply answer(const protocol::LookupActor& request, const Asker& asker);
  protocol::Reply answer(const protocol::Heartbeat& request, const Asker& asker);
  protocol::Reply answer(const protocol::ListActors& request, const Asker& asker);
  protocol::Reply answer(const protocol::ListManagers& request, const Asker& asker);
  protocol::Reply answer(const protocol::RegistryInfo& request, const Asker& asker);

  // Liveness (registry_liveness.cpp)
  [[nodiscard]] bool heard_in_time(Nanos heard, Nanos now) const noexcept;
  [[nodiscard]] bool is_online(const Manager& manager, Nanos now) const noexcept;
  [[nodiscard]] bool is_online(const Actor& actor, Nanos now) const noexcept;
  [[nodiscard]] bool owner_is_heard(const Actor& actor, Nanos now) const noexcept;
  void grant_timeout(Nanos before, Nanos now);
  /// Where its time is over and no expire() has said so yet, listeners hear of it now.
  void note_silence(Manager& manager, Nanos now);
  bool expire(Nanos now, std::size_t most);
  void touch(Manager& manager, const std::optional<protocol::Process>& process, const Asker& asker);

  // Lives
  [[nodiscard]] bool refuses(const Manager& manager, const std::optional<std::string_view>& instance,
                             Nanos now) const;
  [[nodiscard]] bool begins(const Manager* manager, const std::optional<std::string_view>& instance) const;

  // Changes (registry_apply.cpp)
  void commit(Change change, const Asker& asker);
  void apply(const InstanceBegan& change, const Asker& asker);
  void apply(const NameRegistered& change, const Asker& asker);
  void apply(const NameRemoved& change, const Asker& asker);
  void apply(const LossSettled& change, const Asker& asker);
  void apply(const ManagerForgotten& change, const Asker& asker);

  [[nodiscard]] Actor* find_actor(std::string_view name) const noexcept;
  [[nodiscard]] Manager* find_manager(std::string_view id) const noexcept;
  void add_event(Event::Kind kind, std::string_view actor, std::string_view manager,
                 std::string_view detail = {});

  RegistryOptions options;
  std::vector<Event> events;
  std::vector<Change> changes;
  std::uint64_t seq = 0;

  // Ordered for the lists, hashed for the hot path; the first own what the second point to.
  std::map<std::string, Actor, std::less<>> actors;
  std::map<std::string, Manager, std::less<>> managers;
  std::unordered_map<std::string_view, Actor*> actor_index;
  std::unordered_map<std::string_view, Manager*> manager_index;

  IntrusiveList<Manager> online;  ///< by the time of their last message, the oldest first
  IntrusiveList<Manager> offline; ///< by the time they went offline, the longest first
  std::uint64_t online_managers = 0, online_actors = 0;

  // After a stall: who was heard at `cutoff_` or later counts as heard at `floor_`. One pair for all.
  Nanos cutoff_ = INT64_MIN;
  Nanos floor_ = INT64_MIN;

  /// Superseded lives with names, by the time they were superseded; for forgetting alone.
  struct Orphaned {
    Nanos at;
    std::string manager_id;
    std::uint64_t life;
  };
  std::deque<Orphaned> orphaned;

private:
  void detach(Actor& actor);
  void attach(Actor& actor, Manager& manager, Life& life);
  void drop_if_unneeded(Manager& manager, Life* life);
  Life& new_life(Manager& manager, std::optional<std::string> instance);
  Manager& manager_for(const std::string& id, Nanos now);
  void supersede_current(Manager& manager, Nanos now);
  void mark_online(Manager& manager);
  void mark_offline(Manager& manager, Nanos now);
  std::size_t forget_managers(Nanos now, std::size_t most);
  std::size_t forget_orphans(Nanos now, std::size_t most);
  std::size_t forget_names(Life& life, std::size_t most);

  [[nodiscard]] protocol::RegistrationFailed taken(const Actor& actor) const;
  [[nodiscard]] protocol::RegistrationFailed superseded(std::string_view actor_name,
                                                        const Manager& manager) const;
  [[nodiscard]] bool may_take(const Actor* actor, const Manager& manager, Nanos now) const;
  void settle_loss(Manager& manager, std::string_view actor_name, const Asker& asker);
};

} // namespace registry_core
