#include "registry_core/registry_state.hpp"

#include <algorithm>
#include <cstring>

namespace registry_core {

// --- an actor's memory

Actor::Actor(std::string_view name, std::string_view endpoint) noexcept
    : name_size_(static_cast<std::uint32_t>(name.size())),
      endpoint_size_(static_cast<std::uint32_t>(endpoint.size())) {
  char* const text = reinterpret_cast<char*>(this + 1);
  std::memcpy(text, name.data(), name.size());
  std::memcpy(text + name.size(), endpoint.data(), endpoint.size());
}

Actor::Owner Actor::make(std::string_view name, std::string_view endpoint) {
  void* const memory = ::operator new(sizeof(Actor) + name.size() + endpoint.size());
  return Owner(new (memory) Actor(name, endpoint));
}

void Actor::Delete::operator()(Actor* actor) const noexcept {
  actor->~Actor();
  ::operator delete(static_cast<void*>(actor));
}

Manager& Actor::manager() const noexcept {
  return *life->manager;
}

// --- lives

Life* Manager::find_life(std::string_view instance) const noexcept {
  for (const auto& life : lives) {
    if (life->instance == instance) return life.get();
  }
  return nullptr;
}

bool Manager::is_superseded(const Life* life) const noexcept {
  return life && std::find(superseded.begin(), superseded.end(), life) != superseded.end();
}

std::uint64_t Manager::held() const noexcept {
  return current->actor_count + (current == plain ? 0 : plain->actor_count);
}

/// The life of that name, a new one where it is not known.
Life& Registry::State::life_of(Manager& manager, const std::optional<std::string>& instance) {
  if (!instance && manager.plain) return *manager.plain;
  if (Life* const life = instance ? manager.find_life(*instance) : nullptr) return *life;
  auto life = std::make_unique<Life>();
  life->manager = &manager;
  life->serial = manager.lives_so_far++;
  life->instance = instance;
  return *manager.lives.emplace_back(std::move(life));
}

Manager& Registry::State::manager_for(const std::string& id, Nanos now) {
  const auto [place, is_new] = managers.try_emplace(id);
  Manager& manager = place->second;
  if (!is_new) return manager;
  manager.id = place->first;
  manager_index.insert(manager);
  manager.plain = manager.current = &life_of(manager, std::nullopt);
  // In a list from its first moment on.
  manager.offline_since = now;
  offline.append(manager);
  return manager;
}

/// A life is kept while it is current, remembered, or holds a name.
void Registry::State::drop_if_unneeded(Manager& manager, Life* life) {
  if (life == manager.current || life == manager.plain || life->actor_count != 0 ||
      manager.is_superseded(life))
    return;
  std::erase_if(manager.lives, [life](const auto& one) { return one.get() == life; });
}

/// Which lives are current and superseded.
void Registry::State::supersede(Manager& manager, const ManagerStored& change, Nanos now) {
  Life* const before = manager.current;
  const std::uint64_t held_before = manager.held();
  const std::vector<Life*> remembered = std::move(manager.superseded);
  manager.superseded.clear();
  manager.current = &life_of(manager, change.instance);
  if (before != manager.current) before->process.reset(); // it says so again, should it come back
  for (const std::string& instance : change.superseded)
    manager.superseded.push_back(&life_of(manager, instance));
  if (manager.presence != Presence::offline) online_actors += manager.held() - held_before;
  if (before != manager.current && before != manager.plain) {
    before->superseded_at = now;
    if (options.forget_offline_after) orphaned_.push_back({now, std::string(manager.id), before->serial});
    add_event(Event::Kind::superseded, manager).instance = change.instance.value_or("");
  }
  for (Life* const life : remembered)
    drop_if_unneeded(manager, life);
  drop_if_unneeded(manager, before);
}

// --- names in their lives

void Registry::State::detach(Actor& actor) {
  Manager& manager = actor.manager();
  Life* const life = actor.life;
  const std::uint64_t before = manager.held();
  life->actors.remove(actor);
  --life->actor_count;
  --manager.names;
  if (manager.presence != Presence::offline) online_actors -= before - manager.held();
  drop_if_unneeded(manager, life);
}

void Registry::State::attach(Actor& actor, Life& life) {
  Manager& manager = *life.manager;
  const std::uint64_t before = manager.held();
  actor.life = &life;
  life.actors.append(actor);
  ++life.actor_count;
  ++manager.names;
  if (manager.presence != Presence::offline) online_actors += manager.held() - before;
}

Actor& Registry::State::insert_name(Actor::Owner owner, Life& life) {
  Actor& actor = *owner;
  // What comes back from a snapshot is in order.
  const bool is_last = actors.empty() || (*actors.rbegin())->name() < actor.name();
  actors.insert(is_last ? actors.end() : actors.lower_bound(actor.name()), std::move(owner));
  actor_index.insert(actor);
  text_bytes += actor.text_size();
  attach(actor, life);
  return actor;
}

Actor& Registry::State::replace_name(Actor& old, Actor::Owner replacement, Life& life) {
  Actor& actor = *replacement;
  // In this order: the last name that leaves a life takes it with it where nothing else needs it.
  attach(actor, life);
  detach(old);
  text_bytes += actor.text_size();
  text_bytes -= old.text_size();
  actor_index.erase(old);
  auto node = actors.extract(actors.find(old.name()));
  node.value() = std::move(replacement);
  actors.insert(std::move(node));
  actor_index.insert(actor);
  return actor;
}

void Registry::State::remove_name(Actor& actor) {
  detach(actor);
  actor_index.erase(actor);
  text_bytes -= actor.text_size();
  actors.erase(actors.find(actor.name()));
}

// --- changes

void Registry::State::apply(const ManagerStored& change, const Asker& asker) {
  Manager& manager = manager_for(change.manager_id, asker.now.liveness);
  supersede(manager, change, asker.now.liveness);
  if (change.process) manager.current->process = change.process;
  manager.expectation.reset();
  if (change.expected) {
    const auto left = static_cast<Nanos>(change.expected->seconds * nanos_per_second);
    manager.expectation = Manager::Expectation{asker.now.monotonic + left, change.expected->reason};
  }
  if (!restoring) return;
  manager.address = change.address;
  enter(manager, change.online ? Presence::online : Presence::offline);
}

void Registry::State::apply(const ManagerForgotten& change, const Asker&) {
  const auto place = managers.find(change.manager_id);
  if (place == managers.end()) return;
  Manager& manager = place->second;
  while (manager.names != 0) {
    const auto named = std::find_if(manager.lives.begin(), manager.lives.end(),
                                    [](const auto& life) { return life->actor_count != 0; });
    Actor& actor = *(*named)->actors.first;
    add_event(Event::Kind::forgotten, actor);
    remove_name(actor);
  }
  add_event(Event::Kind::forgotten, manager);
  enter(manager, Presence::offline);
  offline.remove(manager);
  losses -= manager.lost.size();
  manager_index.erase(manager);
  managers.erase(place);
}

void Registry::State::apply(const NameStored& change, const Asker& asker) {
  Manager& manager = manager_for(change.manager_id, asker.now.liveness);
  Life& life = life_of(manager, change.instance);
  Actor* const actor = find_actor(change.actor_name);
  if (!actor) {
    add_event(Event::Kind::registered, insert_name(Actor::make(change.actor_name, change.endpoint), life));
    return;
  }
  auto kind = Event::Kind::registered;
  std::string from;
  if (&actor->manager() != &manager) {
    kind = Event::Kind::taken_over;
    from = actor->manager().id;
  } else if (actor->endpoint() != change.endpoint) {
    kind = Event::Kind::endpoint_changed;
  }
  const Actor& now = replace_name(*actor, Actor::make(change.actor_name, change.endpoint), life);
  add_event(kind, now).from_manager = std::move(from);
}

void Registry::State::apply(const NameRemoved& change, const Asker&) {
  Actor* const actor = find_actor(change.actor_name);
  if (!actor) return;
  add_event(change.forgotten ? Event::Kind::forgotten : Event::Kind::unregistered, *actor);
  remove_name(*actor);
}

void Registry::State::apply(const LossStored& change, const Asker&) {
  Manager* const manager = find_manager(change.manager_id);
  if (manager && manager->lost.emplace(change.actor_name).second) ++losses;
}

void Registry::State::apply(const LossSettled& change, const Asker&) {
  if (Manager* const manager = find_manager(change.manager_id))
    losses -= manager->lost.erase(change.actor_name);
}

void Registry::State::apply(const Plan& plan, const Asker& asker) {
  Manager* manager = nullptr;
  for (const Change& change : plan.changes) {
    std::visit([&](const auto& one) { apply(one, asker); }, change);
    const bool begins = plan.effect == Plan::Effect::speaks && std::holds_alternative<ManagerStored>(change);
    if (begins) {
      manager = find_manager(plan.manager_id);
      touch(*manager, std::nullopt, asker);
    }
  }
  for (const std::string& name : plan.local_only) {
    if (const Actor* actor = find_actor(name)) add_event(Event::Kind::local_only, *actor);
  }
  if (plan.effect == Plan::Effect::says_goodbye) say_goodbye(*find_manager(plan.manager_id), asker.now);
}

} // namespace registry_core
