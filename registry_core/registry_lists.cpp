#include "registry_core/glob.hpp"
#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

namespace {

/// A page ends after so many names were looked at, fitting or not, so that no request holds the loop up. One
/// counts for more where pattern and name are long, for that is what comparing them takes.
constexpr std::uint64_t most_looked_at = 10'000;
constexpr std::uint64_t comparisons_a_look = 128;

/// Walks a page of a table from `at`: `take(entry)` says whether an entry fits and was taken, `name(entry)`
/// what it stands under. \returns the name behind which the next page begins, if there may be one.
template<typename Iterator, typename Request, typename Name, typename Take>
std::optional<std::string_view> walk_page(Iterator at, Iterator end, const Request& request, Name name,
                                          Take take) {
  const std::uint64_t most = std::min(request.limit.value_or(default_page), largest_page);
  std::uint64_t taken = 0;
  std::uint64_t looked_at = 0;
  std::string_view last = request.after;
  for (; at != end && taken < most && looked_at < most_looked_at; ++at) {
    last = name(*at);
    looked_at += 1 + request.pattern.size() * last.size() / comparisons_a_look;
    if (take(*at)) ++taken;
  }
  return at == end ? std::nullopt : std::optional(last);
}

template<typename Table>
auto begin_after(const Table& table, std::string_view after) {
  return after.empty() ? table.begin() : table.upper_bound(after);
}

} // namespace

void Registry::State::fill(protocol::ActorList& list, const protocol::ListActors& request,
                           const Asker& asker) const {
  const auto take = [&](const Actor::Owner& owner) {
    const Actor& actor = *owner;
    const bool online = is_online(actor, asker.now.liveness);
    if (request.online && *request.online != online) return false;
    if (request.manager_id && *request.manager_id != actor.manager().id) return false;
    if (!request.pattern.empty() && !glob_matches(request.pattern, actor.name())) return false;
    if (asker.permissions && !asker.permissions->may_list_actor(actor.name())) return false;
    const bool suspected = online && actor.manager().presence == Presence::suspect;
    list.actors.push_back({actor.name(), actor.endpoint(), actor.manager().id, online, suspected});
    return true;
  };
  list.next = walk_page(
      begin_after(actors, request.after), actors.end(), request,
      [](const Actor::Owner& actor) { return actor->name(); }, take);
}

void Registry::State::fill(protocol::ManagerList& list, const protocol::ListManagers& request,
                           const Asker& asker) const {
  const auto take = [&](const auto& entry) {
    if (!request.pattern.empty() && !glob_matches(request.pattern, entry.first)) return false;
    if (asker.permissions && !asker.permissions->may_list_manager(entry.first)) return false;
    list.managers.push_back(row_of(entry.second, asker.now));
    return true;
  };
  list.next = walk_page(
      begin_after(managers, request.after), managers.end(), request,
      [](const auto& entry) { return std::string_view(entry.first); }, take);
}

} // namespace registry_core
