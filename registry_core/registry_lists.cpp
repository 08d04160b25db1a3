#include "registry_core/glob.hpp"
#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

namespace {

/// A page ends after so many names were looked at, fitting or not, so that no request holds the loop up.
constexpr std::uint64_t most_looked_at = 10'000;

/// Walks a page of a table: `take(key, value)` says whether an entry fits and was taken.
/// \returns the key behind which the next page begins, if there may be one.
template<typename Table, typename Take>
std::optional<std::string_view> walk_page(const Table& table, std::string_view after,
                                          const std::optional<std::uint64_t>& limit, Take take) {
  const std::uint64_t most = std::min(limit.value_or(default_page), largest_page);
  std::uint64_t taken = 0;
  std::uint64_t looked_at = 0;
  auto at = after.empty() ? table.begin() : table.upper_bound(after);
  std::string_view last = after;
  for (; at != table.end() && taken < most && looked_at < most_looked_at; ++at, ++looked_at) {
    last = at->first;
    if (take(at->second)) ++taken;
  }
  return at == table.end() ? std::nullopt : std::optional(last);
}

} // namespace

protocol::Reply Registry::State::answer(const protocol::ListActors& request, const Asker& asker) {
  protocol::ActorList list;
  list.epoch = options.epoch;
  list.run = options.run;
  list.seq = seq;
  list.next = walk_page(actors, request.after, request.limit, [&](const Actor& actor) {
    const bool online = is_online(actor, asker.now.liveness);
    if (request.online && *request.online != online) return false;
    if (request.manager_id && *request.manager_id != actor.manager->id) return false;
    if (!request.pattern.empty() && !glob_matches(request.pattern, actor.name)) return false;
    list.actors.push_back({actor.name, actor.endpoint, actor.manager->id, online});
    return true;
  });
  return list;
}

protocol::Reply Registry::State::answer(const protocol::ListManagers& request, const Asker& asker) {
  protocol::ManagerList list;
  list.run = options.run;
  list.seq = seq;
  list.next = walk_page(managers, request.after, request.limit, [&](const Manager& manager) {
    if (!request.pattern.empty() && !glob_matches(request.pattern, manager.id)) return false;
    protocol::ManagerRow row;
    row.manager_id = manager.id;
    row.online = is_online(manager, asker.now.liveness);
    row.age_s = static_cast<double>(asker.now.monotonic - manager.heard_monotonic) / nanos_per_second;
    row.actors = manager.held();
    if (manager.current->instance) row.instance = *manager.current->instance;
    if (manager.current->process) row.process = manager.current->process->view();
    row.address = manager.address;
    list.managers.push_back(row);
    return true;
  });
  return list;
}

/// The part that the state knows; the server adds what it alone knows.
protocol::Reply Registry::State::answer(const protocol::RegistryInfo&, const Asker&) {
  protocol::RegistryInfoReply info;
  info.epoch = options.epoch;
  info.run = options.run;
  info.counts = {{"actors", actors.size()},
                 {"actors_online", online_actors},
                 {"managers", managers.size()},
                 {"managers_online", online_managers}};
  return info;
}

} // namespace registry_core
