#include "controller/fleet_guard.hpp"

#include <algorithm>
#include <utility>

namespace controller {
namespace {

bool is_online(const RegistryView& view, const std::string& id) {
  const auto* manager = view.find(id);
  return manager != nullptr && manager->online;
}

} // namespace

FleetGuard::FleetGuard(std::span<const Chosen> chosen, unsigned max_offline,
                       std::chrono::duration<double> patience)
    : max_offline_(max_offline), patience_(patience) {
  for (const auto& one : chosen)
    members_.push_back({one.manager->id, one.manager->heartbeats, Part::waits});
}

void FleetGuard::set(std::size_t position, Part part, Clock::time_point now) {
  auto& member = members_[position];
  member.part = part;
  member.up_at = {};
  member.down.clear();
  last_change_ = now;
}

void FleetGuard::seen_up(std::size_t position, Clock::time_point when) {
  members_[position].up_at = when;
}

void FleetGuard::seen_down(std::size_t position, std::string why) {
  members_[position].down = std::move(why);
}

FleetGuard::Advice FleetGuard::object(std::string why) {
  objection_ = std::move(why);
  return Advice::stop;
}

FleetGuard::Advice FleetGuard::advise(const RegistryView& view, Clock::time_point now) {
  for (const auto& member : members_)
    if (!member.down.empty()) return object(member.down);
  registry_is_away_ = !view.reachable;
  if (!view.reachable) {
    if (!online_at_first_) return object("the registry can't be asked: " + view.error);
    if (!away_since_) away_since_ = now;
    return now - *away_since_ < patience_ ? Advice::wait
                                          : object("the registry can't be asked any more: " + view.error);
  }
  away_since_.reset();
  if (!online_at_first_) {
    online_at_first_.emplace();
    for (const auto& [id, manager] : view.managers)
      if (manager.online && !manager.expected) online_at_first_->push_back(id);
  }
  if (view.asked < last_change_) return Advice::wait; // it was asked before the last one was done
  for (const auto& member : members_)
    if (member.part == Part::restarted && member.heartbeats && !is_online(view, member.id))
      return object(member.id + " was restarted and is offline again");
  std::vector<std::string> gone;
  for (const auto& id : *online_at_first_)
    if (!is_online(view, id) && !may_be_offline(id)) gone.push_back(id);
  const bool unseen = std::any_of(members_.begin(), members_.end(),
                                  [this](const Member& member) { return is_unseen(member); });
  if (gone.size() <= max_offline_) return unseen ? Advice::wait : Advice::go_on;
  return object(gone.front() + (gone.size() > 1 ? " and " + std::to_string(gone.size() - 1) + " more" : "") +
                " went offline meanwhile, --max-offline is " + std::to_string(max_offline_));
}

bool FleetGuard::is_unseen(const Member& member) const {
  return member.part == Part::restarted && member.up_at < last_change_;
}

/// What is being restarted, and what failed at it: that is told already.
bool FleetGuard::may_be_offline(const std::string& id) const {
  return std::any_of(members_.begin(), members_.end(), [&](const Member& member) {
    return member.id == id && (member.part == Part::under_way || member.part == Part::given_up);
  });
}

} // namespace controller
