#pragma once

#include "registry_core/name_index.hpp"
#include "registry_core/registry.hpp"

#include <deque>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <unordered_set>

namespace registry_core {

struct Manager;
struct Life;

/// A list whose links are members of its elements: moving one to the end costs nothing but pointers.
template<typename Element>
struct IntrusiveList {
  Element* first = nullptr;
  Element* last = nullptr;

  void append(Element& element) noexcept { insert_behind(last, element); }
  /// \param before nullptr: at the beginning.
  void insert_behind(Element* before, Element& element) noexcept {
    element.previous = before;
    element.next = before ? before->next : first;
    (element.next ? element.next->previous : last) = &element;
    (before ? before->next : first) = &element;
  }
  void remove(Element& element) noexcept {
    (element.previous ? element.previous->next : first) = element.next;
    (element.next ? element.next->previous : last) = element.previous;
    element.previous = element.next = nullptr;
  }
};

/// A registered name. One piece of memory, its texts behind it: there are many.
/// \invariant it stands in the list of its life, whose manager owns it.
class Actor {
public:
  struct Delete {
    void operator()(Actor* actor) const noexcept;
  };
  using Owner = std::unique_ptr<Actor, Delete>;
  static Owner make(std::string_view name, std::string_view endpoint);

  [[nodiscard]] std::string_view name() const noexcept { return {text(), name_size_}; }
  [[nodiscard]] std::string_view endpoint() const noexcept { return {text() + name_size_, endpoint_size_}; }
  [[nodiscard]] std::uint64_t text_size() const noexcept {
    return std::uint64_t{name_size_} + endpoint_size_;
  }
  [[nodiscard]] Manager& manager() const noexcept;

  Life* life = nullptr;
  Actor* previous = nullptr; ///< of the same life
  Actor* next = nullptr;
  Actor* next_hashed = nullptr;
  std::uint32_t hashed = 0;

private:
  Actor(std::string_view name, std::string_view endpoint) noexcept;
  ~Actor() = default;
  [[nodiscard]] const char* text() const noexcept { return reinterpret_cast<const char*>(this + 1); }

  std::uint32_t name_size_;
  std::uint32_t endpoint_size_;
};

/// One life of a manager: what calls itself by one `instance`, or by none.
struct Life {
  Manager* manager = nullptr;
  std::uint64_t serial = 0; ///< of all lives of the manager, unique
  std::optional<std::string> instance;
  Nanos heard = never;         ///< liveness clock
  Nanos superseded_at = never; ///< the latest time, liveness clock
  std::optional<StoredProcess> process;
  IntrusiveList<Actor> actors;
  std::uint64_t actor_count = 0;

  static constexpr Nanos never = INT64_MIN / 2; ///< far enough from every time to be subtracted from it
};

enum class Presence : std::uint8_t { offline, online, suspect };

/// \invariant it stands in the list of its presence.
struct Manager {
  struct Expectation {
    Nanos until = 0; ///< monotonic
    std::optional<std::string> reason;
  };

  std::string_view id; ///< the key it stands under
  [[nodiscard]] std::string_view name() const noexcept { return id; }
  Manager* next_hashed = nullptr;
  std::uint32_t hashed = 0;

  std::vector<std::unique_ptr<Life>> lives;
  Life* plain = nullptr;         ///< of messages without an instance, before one with an instance was heard
  Life* current = nullptr;       ///< never null
  std::vector<Life*> superseded; ///< the last 8, the latest at the end
  std::uint64_t lives_so_far = 0;
  std::uint64_t names = 0;     ///< of all lives
  std::uint64_t new_names = 0; ///< that are proposed

  Presence presence = Presence::offline;
  Nanos heard = Life::never;           ///< its current life, liveness clock
  Nanos heard_monotonic = Life::never; ///< never: not in this run
  Nanos offline_since = 0;             ///< liveness clock; while offline
  Nanos suspect_since = 0;             ///< liveness clock; while a suspect
  std::optional<Expectation> expectation;
  std::string address;
  std::set<std::string, std::less<>> lost;
  bool unstored = false; ///< and it stands in State::unstored
  Manager* previous = nullptr;
  Manager* next = nullptr;

  /// Nullptr where no life of that instance is known.
  [[nodiscard]] Life* find_life(std::string_view instance) const noexcept;
  [[nodiscard]] bool is_superseded(const Life* life) const noexcept;
  /// Names of the current life, and those that any life holds.
  [[nodiscard]] std::uint64_t held() const noexcept;
};

inline constexpr std::size_t remembered_lives = 8;

/// Names that proposed plans are about.
class Claims {
public:
  [[nodiscard]] bool contains(std::string_view name) const {
    return !names_.empty() && names_.find(name) != names_.end();
  }
  void add(std::string_view name) { names_.emplace(name); }
  void remove(std::string_view name) {
    if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
  }

private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return hash_of_name(name); }
  };
  std::unordered_multiset<std::string, Hash, std::equal_to<>> names_;
};

/// The state behind Registry: tables, the rules over them, and how changes alter them.
class Registry::State {
public:
  explicit State(RegistryOptions given) : options(std::move(given)) {}

  // What a request comes to (registry_decide.cpp)
  Plan decide(const protocol::Refusal& request, const Asker& asker);
  Plan decide(const protocol::RegisterActor& request, const Asker& asker);
  Plan decide(const protocol::UnregisterActor& request, const Asker& asker);
  Plan decide(const protocol::LookupActor& request, const Asker& asker);
  Plan decide(const protocol::Heartbeat& request, const Asker& asker);
  Plan decide(const protocol::RegisterActors& request, const Asker& asker);
  Plan decide(const protocol::LookupActors& request, const Asker& asker);
  Plan decide(const protocol::UnregisterManager& request, const Asker& asker);
  Plan decide(const protocol::ListActors& request, const Asker& asker);
  Plan decide(const protocol::ListManagers& request, const Asker& asker);
  Plan decide(const protocol::RegistryInfo& request, const Asker& asker);
  Plan decide(const protocol::ExpectOffline& request, const Asker& asker);
  void claim(const Plan& plan);
  void release(const Plan& plan);
  void apply(const Plan& plan, const Asker& asker);

  // Its answer, once it has taken effect (registry_reply.cpp)
  protocol::Reply reply(const protocol::Refusal& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::RegisterActor& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::UnregisterActor& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::LookupActor& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::Heartbeat& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::RegisterActors& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::LookupActors& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::UnregisterManager& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::ListActors& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::ListManagers& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::RegistryInfo& request, const Plan& plan, const Asker& asker);
  protocol::Reply reply(const protocol::ExpectOffline& request, const Plan& plan, const Asker& asker);

  [[nodiscard]] protocol::LookupResult look_up(std::string_view name, Nanos now) const;

  // Lists (registry_lists.cpp)
  void fill(protocol::ActorList& list, const protocol::ListActors& request, const Asker& asker) const;
  void fill(protocol::ManagerList& list, const protocol::ListManagers& request, const Asker& asker) const;
  [[nodiscard]] protocol::ManagerRow row_of(const Manager& manager, const Now& now) const;

  // Liveness (registry_liveness.cpp)
  [[nodiscard]] bool heard_in_time(Nanos heard, Nanos now) const noexcept;
  [[nodiscard]] bool is_online(const Manager& manager, Nanos now) const noexcept;
  [[nodiscard]] bool is_online(const Actor& actor, Nanos now) const noexcept;
  [[nodiscard]] bool owner_is_heard(const Actor& actor, Nanos now) const noexcept;
  void grant_timeout(Nanos before, Nanos now);
  /// Where its time is over and no expire() has said so yet, listeners hear of it now.
  void note_silence(Manager& manager, const Now& now);
  bool expire(const Now& now, std::size_t most);
  void hear(const protocol::Request& request, const Asker& asker);
  /// The current life was heard.
  void touch(Manager& manager, const std::optional<protocol::Process>& process, const Asker& asker);
  void say_goodbye(Manager& manager, const Now& now);
  [[nodiscard]] bool is_expected(const Manager& manager, const Now& now) const noexcept;

  // Forgetting (registry_forget.cpp)
  std::optional<Plan> forget(const Now& now, std::size_t most);
  void remember_orphans();

  // Changes (registry_apply.cpp)
  void apply(const ManagerStored& change, const Asker& asker);
  void apply(const ManagerForgotten& change, const Asker& asker);
  void apply(const NameStored& change, const Asker& asker);
  void apply(const NameRemoved& change, const Asker& asker);
  void apply(const LossStored& change, const Asker& asker);
  void apply(const LossSettled& change, const Asker& asker);

  // Store (registry_store.cpp)
  void restored(const Now& now);
  [[nodiscard]] ManagerStored stored_form(const Manager& manager, const Now& now) const;
  std::vector<Change> take_unstored(const Now& now, std::size_t most);
  void not_stored(const std::vector<Change>& changes);
  void to_be_stored(Manager& manager);
  bool walk(Walk& walk, const Now& now, std::size_t most,
            const std::function<void(const Change&)>& take) const;

  [[nodiscard]] Actor* find_actor(std::string_view name) const noexcept { return actor_index.find(name); }
  [[nodiscard]] Manager* find_manager(std::string_view id) const noexcept { return manager_index.find(id); }
  Event& add_event(Event::Kind kind);
  Event& add_event(Event::Kind kind, const Actor& actor);
  Event& add_event(Event::Kind kind, const Manager& manager);

  RegistryOptions options;
  std::vector<Event> events;
  std::uint64_t seq = 0;
  bool restoring = false; ///< nothing is said of what comes back

  struct ByName {
    using is_transparent = void;
    static std::string_view of(std::string_view name) noexcept { return name; }
    static std::string_view of(const Actor::Owner& actor) noexcept { return actor->name(); }
    template<typename Left, typename Right>
    bool operator()(const Left& left, const Right& right) const noexcept {
      return of(left) < of(right);
    }
  };
  // Ordered for the lists, hashed for the hot path; the first own what the second point to.
  std::set<Actor::Owner, ByName> actors;
  std::map<std::string, Manager, std::less<>> managers;
  NameIndex<Actor> actor_index;
  NameIndex<Manager> manager_index;

  // Proposed, and not yet applied.
  Claims claimed_names, claimed_managers;
  std::uint64_t new_names = 0, new_managers = 0;
  std::uint64_t losses = 0;     ///< names in managers' `lost`
  std::uint64_t text_bytes = 0; ///< of names and their endpoints

  IntrusiveList<Manager> online;  ///< by the time of their last message, the oldest first
  IntrusiveList<Manager> offline; ///< by the time they went offline, the longest first
  IntrusiveList<Manager> suspect; ///< by the time they became suspects, the longest first
  std::uint64_t online_managers = 0, suspect_managers = 0, online_actors = 0;
  std::vector<std::string> unstored; ///< managers whose presence or process has changed since it was stored
  std::optional<GuardTrip> guard_trip;

private:
  [[nodiscard]] IntrusiveList<Manager>& list_of(Presence presence) noexcept;
  void enter(Manager& manager, Presence presence);
  void detach(Actor& actor);
  void attach(Actor& actor, Life& life);
  Actor& insert_name(Actor::Owner owner, Life& life);
  Actor& replace_name(Actor& old, Actor::Owner replacement, Life& life);
  void remove_name(Actor& actor);
  void drop_if_unneeded(Manager& manager, Life* life);
  Life& life_of(Manager& manager, const std::optional<std::string>& instance);
  Manager& manager_for(const std::string& id, Nanos now);
  void supersede(Manager& manager, const ManagerStored& change, Nanos now);
  void mark_online(Manager& manager);
  void mark_offline(Manager& manager, const Now& now);
  void mark_suspect(Manager& manager, Nanos now);
  void place_by_time(Manager& manager);
  std::size_t expire_online(const Now& now, std::size_t most);
  std::size_t expire_suspects(const Now& now, std::size_t most);
  void begin_check(Nanos now);
  std::size_t plan_forgetting(const Manager& manager, Plan& plan, std::size_t most) const;
  std::size_t plan_forgetting(const Life& life, Plan& plan, std::size_t most) const;
  [[nodiscard]] const Life* due_orphan(Nanos now);

  [[nodiscard]] bool refuses(const Manager& manager, const std::optional<std::string_view>& instance,
                             Nanos now) const;
  [[nodiscard]] bool begins(const Manager* manager, const std::optional<std::string_view>& instance) const;
  [[nodiscard]] ManagerStored after_beginning(const Manager* manager, std::string_view id,
                                              const std::optional<std::string_view>& instance,
                                              const std::optional<protocol::Process>& process,
                                              const Asker& asker) const;
  enum class Speaking : std::uint8_t { counts, waits, superseded, too_many };
  Speaking plan_speaking(Plan& plan, std::string_view manager_id,
                         const std::optional<std::string_view>& instance,
                         const std::optional<protocol::Process>& process, const Asker& asker);
  /// \returns false where it has to wait.
  bool plan_registration(Plan& plan, std::string_view manager_id, std::string_view actor_name,
                         std::string_view endpoint, const std::optional<std::string_view>& instance,
                         const Asker& asker);
  [[nodiscard]] Plan::Outcome room_for_name(const Plan& plan, const Manager* manager, bool is_new) const;
  [[nodiscard]] Plan::Outcome room_for_text(const Actor* before, std::string_view actor_name,
                                            std::string_view endpoint) const;
  void plan_end_of(Plan& plan, const Actor& actor, bool by_its_manager);
  [[nodiscard]] Plan::Outcome taken(const Actor& actor) const;
  [[nodiscard]] bool may_take(const Actor* actor, const Manager* manager, Nanos now) const;
  [[nodiscard]] bool manager_has_lost(const Manager* manager, std::string_view actor_name) const;
  void plan_loss(Plan& plan, const Actor& actor) const;

  Event unsaid_; ///< what is said while restoring

  // After a stall: who was heard at `cutoff_` or later counts as heard at `floor_`. One pair for all.
  Nanos cutoff_ = INT64_MIN;
  Nanos floor_ = INT64_MIN;

  // A check goes on over several calls of expire().
  bool checking_ = false;
  bool guarding_ = false;
  Nanos check_began_ = 0;

  /// Superseded lives with names, by the time they were superseded; for forgetting alone.
  struct Orphaned {
    Nanos at;
    std::string manager_id;
    std::uint64_t life;
  };
  std::deque<Orphaned> orphaned_;
};

} // namespace registry_core
