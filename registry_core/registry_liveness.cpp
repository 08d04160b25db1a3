#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

bool Registry::State::heard_in_time(Nanos heard, Nanos now) const noexcept {
  return heard >= cutoff_ && now - std::max(heard, floor_) < options.heartbeat_timeout;
}

bool Registry::State::is_online(const Manager& manager, Nanos now) const noexcept {
  return heard_in_time(manager.heard, now);
}

bool Registry::State::is_online(const Actor& actor, Nanos now) const noexcept {
  const Manager& manager = *actor.manager;
  return (actor.life == manager.current || actor.life == manager.plain) && is_online(manager, now);
}

/// For a name of a peer without instance any life counts, so its manager's last message.
bool Registry::State::owner_is_heard(const Actor& actor, Nanos now) const noexcept {
  const Manager& manager = *actor.manager;
  const bool any_life = actor.life == manager.plain || actor.life == manager.current;
  return heard_in_time(any_life ? manager.heard : actor.life->heard, now);
}

/// All have the same timeout, so who was online at `before` is a matter of one bound: the earliest message
/// that still counted then.
void Registry::State::grant_timeout(Nanos before, Nanos now) {
  const bool floor_still_counts = floor_ != INT64_MIN && before - floor_ < options.heartbeat_timeout;
  if (!floor_still_counts) cutoff_ = std::max(cutoff_, before - options.heartbeat_timeout + 1);
  floor_ = now;
}

void Registry::State::mark_online(Manager& manager) {
  offline.remove(manager);
  online.append(manager);
  manager.in_online_list = true;
  ++online_managers;
  online_actors += manager.held();
  add_event(Event::Kind::online, {}, manager.id);
}

void Registry::State::mark_offline(Manager& manager, Nanos now) {
  online.remove(manager);
  offline.append(manager);
  manager.in_online_list = false;
  const Nanos counts_as = manager.heard >= cutoff_ ? std::max(manager.heard, floor_) : manager.heard;
  manager.offline_since = std::min(now, counts_as + options.heartbeat_timeout);
  --online_managers;
  online_actors -= manager.held();
  add_event(Event::Kind::offline, {}, manager.id);
}

void Registry::State::note_silence(Manager& manager, Nanos now) {
  if (manager.in_online_list && !is_online(manager, now)) mark_offline(manager, now);
}

/// The current life was heard.
void Registry::State::touch(Manager& manager, const std::optional<protocol::Process>& process,
                            const Asker& asker) {
  const Nanos now = asker.now.liveness;
  manager.heard = now;
  manager.heard_monotonic = asker.now.monotonic;
  manager.current->heard = now;
  if (manager.address != asker.address) manager.address = asker.address;
  if (process) {
    if (!manager.current->process) manager.current->process.emplace();
    manager.current->process->assign(*process);
  }
  if (manager.in_online_list) {
    online.remove(manager);
    online.append(manager);
  } else {
    mark_online(manager);
  }
}

bool Registry::State::expire(Nanos now, std::size_t most) {
  std::size_t done = 0;
  while (online.first && done < most && !is_online(*online.first, now)) {
    mark_offline(*online.first, now);
    ++done;
  }
  if (options.forget_offline_after) {
    done += forget_managers(now, most - done);
    done += forget_orphans(now, most - done);
  }
  return done >= most;
}

std::size_t Registry::State::forget_names(Life& life, std::size_t most) {
  std::size_t done = 0;
  // The last name takes a life that nothing else needs with it, so the count is kept here.
  for (std::uint64_t left = life.actor_count; left != 0 && done < most; --left, ++done) {
    commit(NameRemoved{std::string(life.actors.first->name), true}, {});
  }
  return done;
}

std::size_t Registry::State::forget_managers(Nanos now, std::size_t most) {
  std::size_t done = 0;
  while (offline.first && done < most &&
         now - offline.first->offline_since >= *options.forget_offline_after) {
    Manager& manager = *offline.first;
    const auto named = std::find_if(manager.lives.begin(), manager.lives.end(),
                                    [](const auto& life) { return life->actor_count != 0; });
    if (named != manager.lives.end()) {
      done += forget_names(**named, most - done);
    } else {
      commit(ManagerForgotten{std::string(manager.id)}, {});
      ++done;
    }
  }
  return done;
}

/// Names that a superseded life holds are offline while their manager is online.
std::size_t Registry::State::forget_orphans(Nanos now, std::size_t most) {
  std::size_t done = 0;
  while (!orphaned.empty() && done < most && now - orphaned.front().at >= *options.forget_offline_after) {
    const Orphaned& due = orphaned.front();
    const Manager* manager = find_manager(due.manager_id);
    Life* life = nullptr;
    if (manager) {
      for (const auto& one : manager->lives) {
        if (one->serial == due.life && one.get() != manager->current && one->superseded_at == due.at)
          life = one.get();
      }
    }
    if (life) done += forget_names(*life, most - done);
    if (done < most || !life) {
      orphaned.pop_front();
      ++done;
    }
  }
  return done;
}

} // namespace registry_core
