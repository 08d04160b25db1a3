#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

void StoredProcess::assign(const protocol::Process& process) {
  // Assigned in place: a heartbeat that repeats what is known allocates nothing.
  const auto text = [](std::optional<std::string>& into, const std::optional<std::string_view>& from) {
    if (!from) {
      into.reset();
    } else if (into) {
      into->assign(*from);
    } else {
      into.emplace(*from);
    }
  };
  text(host, process.host);
  text(unit, process.unit);
  text(invocation_id, process.invocation_id);
  text(language, process.language);
  text(version, process.version);
  pid = process.pid;
}

protocol::Process StoredProcess::view() const {
  const auto text = [](const std::optional<std::string>& from) {
    return from ? std::optional<std::string_view>(*from) : std::nullopt;
  };
  return {text(host), pid, text(unit), text(invocation_id), text(language), text(version)};
}

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

void Registry::State::commit(Change change, const Asker& asker) {
  std::visit([&](const auto& one) { apply(one, asker); }, change);
  changes.push_back(std::move(change));
}

Life& Registry::State::new_life(Manager& manager, std::optional<std::string> instance) {
  auto life = std::make_unique<Life>();
  life->serial = manager.lives_so_far++;
  life->instance = std::move(instance);
  return *manager.lives.emplace_back(std::move(life));
}

Manager& Registry::State::manager_for(const std::string& id, Nanos now) {
  const auto [place, is_new] = managers.try_emplace(id);
  Manager& manager = place->second;
  if (!is_new) return manager;
  manager.id = place->first;
  manager_index.emplace(manager.id, &manager);
  manager.plain = manager.current = &new_life(manager, std::nullopt);
  // In a list from its first moment; touch() follows and brings it online.
  manager.offline_since = now;
  offline.append(manager);
  return manager;
}

void Registry::State::supersede_current(Manager& manager, Nanos now) {
  if (manager.current == manager.plain) return; // nothing tells messages of that life apart
  Life& old = *manager.current;
  old.superseded_at = now;
  manager.superseded.push_back(&old);
  if (options.forget_offline_after) orphaned.push_back({now, std::string(manager.id), old.serial});
  if (manager.superseded.size() <= remembered_lives) return;
  Life* const oldest = manager.superseded.front();
  manager.superseded.erase(manager.superseded.begin());
  drop_if_unneeded(manager, oldest);
}

void Registry::State::apply(const InstanceBegan& change, const Asker& asker) {
  Manager& manager = manager_for(change.manager_id, asker.now.liveness);
  if (!change.instance) return;
  const std::uint64_t held_before = manager.in_online_list ? manager.held() : 0;
  Life* life = manager.find_life(*change.instance);
  if (!life) life = &new_life(manager, change.instance);
  std::erase(manager.superseded, life);
  const bool replaces = manager.current != manager.plain;
  supersede_current(manager, asker.now.liveness);
  manager.current = life;
  if (manager.in_online_list) online_actors += manager.held() - held_before;
  if (replaces) add_event(Event::Kind::superseded, {}, manager.id, *change.instance);
}

void Registry::State::detach(Actor& actor) {
  Manager& manager = *actor.manager;
  const std::uint64_t before = manager.held();
  actor.life->actors.remove(actor);
  --actor.life->actor_count;
  if (manager.in_online_list) online_actors -= before - manager.held();
  drop_if_unneeded(manager, actor.life);
}

void Registry::State::attach(Actor& actor, Manager& manager, Life& life) {
  const std::uint64_t before = manager.held();
  actor.manager = &manager;
  actor.life = &life;
  life.actors.append(actor);
  ++life.actor_count;
  if (manager.in_online_list) online_actors += manager.held() - before;
}

/// A life is kept while it is current, remembered, or holds a name.
void Registry::State::drop_if_unneeded(Manager& manager, Life* life) {
  if (life == manager.current || life == manager.plain || life->actor_count != 0 ||
      manager.is_superseded(life))
    return;
  std::erase_if(manager.lives, [life](const auto& one) { return one.get() == life; });
}

void Registry::State::apply(const NameRegistered& change, const Asker&) {
  Manager& manager = *find_manager(change.manager_id);
  Life& life = change.instance ? *manager.find_life(*change.instance) : *manager.plain;
  const auto [place, is_new] = actors.try_emplace(change.actor_name);
  Actor& actor = place->second;
  if (is_new) {
    actor.name = place->first;
    actor_index.emplace(actor.name, &actor);
    actor.endpoint = change.endpoint;
    attach(actor, manager, life);
    add_event(Event::Kind::registered, actor.name, manager.id, actor.endpoint);
    return;
  }
  if (actor.manager != &manager) {
    actor.manager->lost.emplace(actor.name);
    add_event(Event::Kind::taken_over, actor.name, manager.id, actor.manager->id);
  } else if (actor.endpoint != change.endpoint) {
    add_event(Event::Kind::endpoint_changed, actor.name, manager.id, change.endpoint);
  } else {
    add_event(Event::Kind::registered, actor.name, manager.id, change.endpoint);
  }
  actor.endpoint = change.endpoint;
  detach(actor);
  attach(actor, manager, life);
}

void Registry::State::apply(const NameRemoved& change, const Asker&) {
  const auto place = actors.find(change.actor_name);
  Actor& actor = place->second;
  add_event(change.forgotten ? Event::Kind::forgotten : Event::Kind::unregistered, actor.name,
            actor.manager->id, actor.endpoint);
  detach(actor);
  actor_index.erase(actor.name);
  actors.erase(place);
}

void Registry::State::apply(const LossSettled& change, const Asker&) {
  find_manager(change.manager_id)->lost.erase(change.actor_name);
}

/// \pre it is offline and holds no name.
void Registry::State::apply(const ManagerForgotten& change, const Asker&) {
  const auto place = managers.find(change.manager_id);
  add_event(Event::Kind::forgotten, {}, place->first);
  offline.remove(place->second);
  manager_index.erase(place->first);
  managers.erase(place);
}

} // namespace registry_core
