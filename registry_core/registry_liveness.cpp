#include "registry_core/registry_state.hpp"

#include <algorithm>
#include <cmath>

namespace registry_core {

namespace {

/// Puts what a manager says of its process in the place of what it said before. Assigned in place: a
/// heartbeat that repeats what is known allocates nothing. \returns whether it is something else.
bool assign(std::optional<StoredProcess>& into, const protocol::Process& process) {
  bool changed = !into;
  if (!into) into.emplace();
  const auto text = [&changed](std::optional<std::string>& old, const std::optional<std::string_view>& now) {
    if (old == now) return;
    changed = true;
    if (now) {
      old.emplace(*now);
    } else {
      old.reset();
    }
  };
  text(into->host, process.host);
  text(into->unit, process.unit);
  text(into->invocation_id, process.invocation_id);
  text(into->language, process.language);
  text(into->version, process.version);
  changed = changed || into->pid != process.pid;
  into->pid = process.pid;
  return changed;
}

} // namespace

bool Registry::State::heard_in_time(Nanos heard, Nanos now) const noexcept {
  return heard >= cutoff_ && now - std::max(heard, floor_) < options.heartbeat_timeout;
}

bool Registry::State::is_online(const Manager& manager, Nanos now) const noexcept {
  if (manager.presence == Presence::online && !options.mass_timeout_guard)
    return heard_in_time(manager.heard, now);
  return manager.presence != Presence::offline;
}

bool Registry::State::is_online(const Actor& actor, Nanos now) const noexcept {
  const Manager& manager = actor.manager();
  return (actor.life == manager.current || actor.life == manager.plain) && is_online(manager, now);
}

/// For a name of a peer without instance any life counts, so its manager's last message.
bool Registry::State::owner_is_heard(const Actor& actor, Nanos now) const noexcept {
  const Manager& manager = actor.manager();
  const bool any_life = actor.life == manager.plain || actor.life == manager.current;
  return any_life ? is_online(manager, now) : heard_in_time(actor.life->heard, now);
}

/// All have the same timeout, so who was online at `before` is a matter of one bound: the earliest message
/// that still counted then.
void Registry::State::grant_timeout(Nanos before, Nanos now) {
  const bool floor_still_counts = floor_ != INT64_MIN && before - floor_ < options.heartbeat_timeout;
  if (!floor_still_counts) cutoff_ = std::max(cutoff_, before - options.heartbeat_timeout + 1);
  floor_ = now;
}

bool Registry::State::is_expected(const Manager& manager, const Now& now) const noexcept {
  return manager.expectation && manager.expectation->until > now.monotonic;
}

// --- between the lists

IntrusiveList<Manager>& Registry::State::list_of(Presence presence) noexcept {
  switch (presence) {
  case Presence::online: return online;
  case Presence::suspect: return suspect;
  case Presence::offline: break;
  }
  return offline;
}

/// Into the list of that presence: what was heard, went offline or became a suspect last stands at its end.
void Registry::State::enter(Manager& manager, Presence presence) {
  const auto counts = [](Presence one) { return one != Presence::offline; };
  list_of(manager.presence).remove(manager);
  if (counts(presence) && !counts(manager.presence)) {
    ++online_managers;
    online_actors += manager.held();
  } else if (!counts(presence) && counts(manager.presence)) {
    --online_managers;
    online_actors -= manager.held();
  }
  suspect_managers += presence == Presence::suspect ? 1 : 0;
  suspect_managers -= manager.presence == Presence::suspect ? 1 : 0;
  if (manager.presence != presence) to_be_stored(manager);
  manager.presence = presence;
  if (presence == Presence::online) {
    place_by_time(manager);
  } else {
    list_of(presence).append(manager);
  }
}

/// A message that waited for a change to be stored counts from when it arrived.
void Registry::State::place_by_time(Manager& manager) {
  Manager* before = online.last;
  while (before && before->heard > manager.heard)
    before = before->previous;
  online.insert_behind(before, manager);
}

void Registry::State::mark_online(Manager& manager) {
  const bool was_offline = manager.presence == Presence::offline;
  enter(manager, Presence::online);
  if (was_offline) manager.expectation.reset();
  add_event(Event::Kind::online, manager);
}

void Registry::State::mark_offline(Manager& manager, const Now& now) {
  const Nanos counts_as = manager.heard >= cutoff_ ? std::max(manager.heard, floor_) : manager.heard;
  manager.offline_since = manager.presence == Presence::suspect
                              ? now.liveness
                              : std::min(now.liveness, counts_as + options.heartbeat_timeout);
  enter(manager, Presence::offline);
  Event& event = add_event(Event::Kind::offline, manager);
  event.expected = is_expected(manager, now);
  if (event.expected) event.reason = manager.expectation->reason.value_or("");
}

void Registry::State::mark_suspect(Manager& manager, Nanos now) {
  manager.suspect_since = now;
  enter(manager, Presence::suspect);
  add_event(Event::Kind::suspect, manager);
}

// --- who speaks

void Registry::State::note_silence(Manager& manager, const Now& now) {
  if (manager.presence == Presence::online && !is_online(manager, now.liveness)) mark_offline(manager, now);
}

void Registry::State::touch(Manager& manager, const std::optional<protocol::Process>& process,
                            const Asker& asker) {
  const Nanos now = asker.now.liveness;
  if (now < manager.heard) return; // it has spoken since, and this message had to wait
  manager.heard = now;
  manager.heard_monotonic = asker.now.monotonic;
  manager.current->heard = now;
  if (manager.address != asker.address) manager.address = asker.address;
  if (process && assign(manager.current->process, *process)) to_be_stored(manager);
  if (manager.presence == Presence::online) {
    online.remove(manager);
    place_by_time(manager);
  } else {
    mark_online(manager);
  }
}

void Registry::State::hear(const protocol::Request& request, const Asker& asker) {
  const auto hear_manager = [&](const auto& message) {
    Manager* const manager = find_manager(message.manager_id);
    if (!manager || claimed_managers.contains(message.manager_id) || begins(manager, message.instance))
      return;
    note_silence(*manager, asker.now);
    touch(*manager, message.process, asker);
  };
  if (const auto* heartbeat = std::get_if<protocol::Heartbeat>(&request)) hear_manager(*heartbeat);
  if (const auto* one = std::get_if<protocol::RegisterActor>(&request)) hear_manager(*one);
  if (const auto* many = std::get_if<protocol::RegisterActors>(&request)) hear_manager(*many);
}

/// Its names may be taken at once.
void Registry::State::say_goodbye(Manager& manager, const Now& now) {
  manager.heard = manager.current->heard = Life::never;
  manager.offline_since = now.liveness;
  if (manager.presence == Presence::offline) return;
  enter(manager, Presence::offline);
  Event& event = add_event(Event::Kind::goodbye, manager);
  event.expected = is_expected(manager, now);
  if (event.expected) event.reason = manager.expectation->reason.value_or("");
}

// --- who is silent

/// Whether so many have fallen silent at once that it is rather the network's fault.
void Registry::State::begin_check(Nanos now) {
  checking_ = true;
  check_began_ = now;
  guarding_ = false;
  if (!options.mass_timeout_guard) return;
  const std::uint64_t heard = online_managers - suspect_managers;
  const auto most = static_cast<std::uint64_t>(*options.mass_timeout_guard * static_cast<double>(heard));
  std::uint64_t silent = 0;
  for (const Manager* one = online.first; one && silent <= most && !heard_in_time(one->heard, now);
       one = one->next)
    ++silent;
  guarding_ = silent > most;
  if (guarding_) guard_trip = GuardTrip{silent, heard};
}

std::size_t Registry::State::expire_online(const Now& now, std::size_t most) {
  std::size_t done = 0;
  for (; online.first && done < most && !heard_in_time(online.first->heard, check_began_); ++done) {
    if (guarding_) {
      mark_suspect(*online.first, now.liveness);
    } else {
      mark_offline(*online.first, now);
    }
  }
  return done;
}

std::size_t Registry::State::expire_suspects(const Now& now, std::size_t most) {
  std::size_t done = 0;
  while (suspect.first && done < most && now.liveness - suspect.first->suspect_since >= options.guard_max) {
    mark_offline(*suspect.first, now);
    ++done;
  }
  return done;
}

bool Registry::State::expire(const Now& now, std::size_t most) {
  std::size_t done = checking_ ? expire_online(now, most) : 0; // what is left of the check before
  if (done < most) {
    begin_check(now.liveness);
    done += expire_online(now, most - done);
  }
  done += expire_suspects(now, most - done);
  checking_ = done >= most;
  return checking_;
}

} // namespace registry_core
