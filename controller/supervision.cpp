#include "controller/supervision.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace controller {
namespace {

using Seconds = std::chrono::duration<double>;

/// Views are asked for every second: a longer gap means that somebody was away.
constexpr std::chrono::seconds longest_gap{4};
constexpr std::chrono::seconds until_next_look{10};
constexpr std::chrono::hours an_hour{1};
/// A manager that was online for so long, at least, has recovered.
constexpr Seconds recovered_after{60};

Clock::duration to_clock(Seconds seconds) {
  return std::chrono::duration_cast<Clock::duration>(seconds);
}

/// Doubled with each restart that did not help.
Clock::duration delay(const config::RestartPolicy& policy, unsigned in_a_row) {
  return to_clock(Seconds(
      std::min(std::ldexp(policy.delay_s, static_cast<int>(std::min(in_a_row, 30U))), policy.max_delay_s)));
}

} // namespace

Supervision::Supervision(Seconds heartbeat_timeout) : heartbeat_timeout_(to_clock(heartbeat_timeout)) {}

void Supervision::watch(const std::vector<Watched>& managers) {
  std::map<std::string, Record> records;
  for (const auto& [id, policy] : managers) {
    auto known = records_.extract(id);
    auto& record = records[id];
    if (known) record = std::move(known.mapped());
    record.policy = policy;
  }
  records_ = std::move(records);
}

void Supervision::set_heartbeat_timeout(Seconds timeout) {
  heartbeat_timeout_ = to_clock(timeout);
}

void Supervision::another_registry() {
  trusted_since_.reset();
  last_uptime_ = {};
}

bool Supervision::trust(const RegistryView& view, Clock::time_point now) {
  const bool gap = last_asked_ && view.asked - *last_asked_ > longest_gap;
  const bool restarted = view.uptime < last_uptime_;
  last_asked_ = view.asked;
  last_uptime_ = view.uptime;
  if (!view.reachable || gap || restarted) trusted_since_.reset();
  if (!view.reachable) {
    last_uptime_ = {};
    return false;
  }
  if (!trusted_since_) trusted_since_ = now;
  return now - *trusted_since_ >= heartbeat_timeout_ && view.uptime > 2 * Seconds(heartbeat_timeout_);
}

void Supervision::see(Record& record, const actors::registry::ManagerEntry* manager,
                      Clock::time_point now) const {
  const bool online = manager != nullptr && manager->online;
  if (!online) record.online_since.reset();
  if (online && !record.online_since) record.online_since = now;
  // A silence that was planned is none; who was never registered has nothing to say.
  if (manager == nullptr || online || manager->expected)
    record.offline_since.reset();
  else if (!record.offline_since)
    record.offline_since = now;
  if (online &&
      now - *record.online_since >= to_clock(std::max(recovered_after, Seconds(record.policy.max_delay_s))))
    record.in_a_row = 0;
}

bool Supervision::is_due(const std::string& id, Record& record, Clock::time_point now) {
  if (record.at_work || !record.offline_since || now < record.not_before) return false;
  if (now - *record.offline_since < delay(record.policy, record.in_a_row)) return false;
  while (!record.restarts.empty() && now - record.restarts.front() >= an_hour)
    record.restarts.pop_front();
  const bool used_up = record.restarts.size() >= record.policy.per_hour;
  if (used_up && !record.given_up) given_up_.push_back(id);
  record.given_up = used_up;
  return !used_up;
}

std::vector<std::string> Supervision::due(const RegistryView& view, Clock::time_point now) {
  std::vector<std::string> due;
  const bool trusted = trust(view, now);
  for (auto& [id, record] : records_) {
    if (!trusted) {
      record.offline_since.reset();
      record.online_since.reset();
      continue;
    }
    see(record, view.find(id), now);
    if (!is_due(id, record, now)) continue;
    record.at_work = true;
    due.push_back(id);
  }
  return due;
}

void Supervision::restarted(const std::string& manager_id, Clock::time_point now) {
  const auto found = records_.find(manager_id);
  if (found == records_.end()) return;
  auto& record = found->second;
  record.at_work = false;
  record.restarts.push_back(now);
  ++record.in_a_row;
  record.offline_since.reset();
}

void Supervision::left_alone(const std::string& manager_id, Clock::time_point now) {
  const auto found = records_.find(manager_id);
  if (found == records_.end()) return;
  found->second.at_work = false;
  found->second.not_before = now + until_next_look;
}

std::vector<std::string> Supervision::take_given_up() {
  return std::exchange(given_up_, {});
}

unsigned Supervision::in_a_row(const std::string& manager_id) const {
  const auto found = records_.find(manager_id);
  return found == records_.end() ? 0 : found->second.in_a_row;
}

} // namespace controller
