#include "registry_core/registry_state.hpp"

namespace registry_core {

/// What was online has a full timeout to be heard, as long as the registry was away; so have its older lives,
/// that nobody takes what they may still hold.
void Registry::State::restored(const Now& now) {
  restoring = false;
  for (auto& [id, manager] : managers) {
    const bool was_online = manager.presence == Presence::online;
    manager.heard = was_online ? now.liveness : Life::never;
    manager.offline_since = now.liveness;
    if (manager.expectation) manager.expectation->until += now.monotonic;
    for (const auto& life : manager.lives) {
      life->heard = manager.heard;
      life->superseded_at = now.liveness;
    }
  }
  if (options.forget_offline_after) remember_orphans();
}

ManagerStored Registry::State::stored_form(const Manager& manager, const Now& now) const {
  ManagerStored stored;
  stored.manager_id = manager.id;
  stored.instance = manager.current->instance;
  for (const Life* const life : manager.superseded)
    stored.superseded.push_back(*life->instance);
  stored.process = manager.current->process;
  stored.address = manager.address;
  stored.online = manager.presence != Presence::offline;
  if (is_expected(manager, now)) {
    const double left = static_cast<double>(manager.expectation->until - now.monotonic) / nanos_per_second;
    stored.expected = StoredExpectation{left, manager.expectation->reason};
  }
  return stored;
}

void Registry::State::to_be_stored(Manager& manager) {
  if (manager.unstored || restoring) return;
  manager.unstored = true;
  unstored.emplace_back(manager.id);
}

std::vector<Change> Registry::State::take_unstored(const Now& now, std::size_t most) {
  std::vector<Change> changes;
  std::vector<std::string> later;
  while (!unstored.empty() && changes.size() < most) {
    const std::string id = std::move(unstored.back());
    unstored.pop_back();
    Manager* const manager = find_manager(id);
    if (!manager || !manager->unstored) continue; // it was forgotten, and perhaps came again
    if (claimed_managers.contains(id)) {
      later.push_back(id);
      continue;
    }
    manager->unstored = false;
    changes.emplace_back(stored_form(*manager, now));
  }
  unstored.insert(unstored.end(), later.begin(), later.end());
  return changes;
}

void Registry::State::not_stored(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (Manager* const manager = find_manager(std::get<ManagerStored>(change).manager_id))
      to_be_stored(*manager);
  }
}

bool Registry::State::walk(Walk& walk, const Now& now, std::size_t most,
                           const std::function<void(const Change&)>& take) const {
  std::size_t done = 0;
  if (!walk.managers_done) {
    auto at = walk.after.empty() ? managers.begin() : managers.upper_bound(walk.after);
    for (; at != managers.end() && done < most; ++at, ++done) {
      const Manager& manager = at->second;
      take(stored_form(manager, now));
      for (const std::string& name : manager.lost)
        take(LossStored{at->first, name});
      walk.after = at->first;
    }
    if (at != managers.end()) return true;
    walk = {true, {}};
  }
  auto at = walk.after.empty() ? actors.begin() : actors.upper_bound(std::string_view(walk.after));
  for (; at != actors.end() && done < most; ++at, ++done) {
    const Actor& actor = **at;
    take(NameStored{std::string(actor.name()), std::string(actor.endpoint()), std::string(actor.manager().id),
                    actor.life->instance});
    walk.after = actor.name();
  }
  return at != actors.end();
}

} // namespace registry_core
