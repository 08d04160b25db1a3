#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

/// The names of a life, unless somebody is about to take them. \returns how many.
std::size_t Registry::State::plan_forgetting(const Life& life, Plan& plan, std::size_t most) const {
  std::size_t done = 0;
  for (const Actor* actor = life.actors.first; actor && done < most; actor = actor->next) {
    if (claimed_names.contains(actor->name())) continue;
    plan.changes.emplace_back(NameRemoved{std::string(actor->name()), true});
    ++done;
  }
  return done;
}

/// A manager with all that it has, or as many of its names as are due at once.
std::size_t Registry::State::plan_forgetting(const Manager& manager, Plan& plan, std::size_t most) const {
  if (manager.names < most) {
    plan.changes.emplace_back(ManagerForgotten{std::string(manager.id)});
    return manager.names + 1;
  }
  std::size_t done = 0;
  for (const auto& life : manager.lives)
    done += plan_forgetting(*life, plan, most - done);
  return done;
}

/// Names that a superseded life holds are offline since then, also while their manager is online.
const Life* Registry::State::due_orphan(Nanos now) {
  while (!orphaned_.empty() && now - orphaned_.front().at >= *options.forget_offline_after) {
    const Orphaned& due = orphaned_.front();
    if (const Manager* manager = find_manager(due.manager_id)) {
      for (const auto& life : manager->lives) {
        if (life->serial == due.life && life.get() != manager->current && life->superseded_at == due.at &&
            life->actor_count != 0)
          return life.get();
      }
    }
    orphaned_.pop_front();
  }
  return nullptr;
}

std::optional<Plan> Registry::State::forget(const Now& now, std::size_t most) {
  if (!options.forget_offline_after) return std::nullopt;
  Plan plan;
  std::size_t done = 0;
  for (const Manager* manager = offline.first;
       manager && done < most && now.liveness - manager->offline_since >= *options.forget_offline_after;
       manager = manager->next) {
    if (!claimed_managers.contains(manager->id)) done += plan_forgetting(*manager, plan, most - done);
  }
  // One life a plan: it goes with its last name, and then the next one is due.
  const Life* const orphan = done < most ? due_orphan(now.liveness) : nullptr;
  if (orphan && !claimed_managers.contains(orphan->manager->id)) plan_forgetting(*orphan, plan, most - done);
  if (plan.changes.empty()) return std::nullopt;
  return plan;
}

/// Forgetting begins only now: of what was superseded earlier nobody has kept a list.
void Registry::State::remember_orphans() {
  orphaned_.clear();
  for (const auto& [id, manager] : managers) {
    for (const auto& life : manager.lives) {
      const bool superseded = life.get() != manager.current && life.get() != manager.plain;
      if (superseded && life->actor_count != 0) orphaned_.push_back({life->superseded_at, id, life->serial});
    }
  }
  std::sort(orphaned_.begin(), orphaned_.end(),
            [](const Orphaned& left, const Orphaned& right) { return left.at < right.at; });
}

} // namespace registry_core
