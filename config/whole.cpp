#include "config/draft.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

namespace config {
namespace {

std::string path_of(const DraftHost& host, const DraftManager& manager, std::string_view key = {}) {
  auto path = "hosts." + printable(host.host.name) + ".managers." + printable(manager.manager.id);
  return key.empty() ? path : path + "." + std::string(key);
}

std::string line_of(const Reader& reader, std::size_t at) {
  return "line " + std::to_string(reader.lines.of(at).line);
}

/// Every manager of the file, in its order, by index and by id.
class Managers {
public:
  explicit Managers(const Draft& draft) {
    for (const auto& host : draft.hosts)
      for (const auto& manager : host.managers)
        all_.push_back({&host, &manager});
    for (std::size_t i = 0; i < all_.size(); ++i)
      by_id_.emplace(all_[i].manager->manager.id, i);
  }

  struct Entry {
    const DraftHost* host;
    const DraftManager* manager;
  };
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Entry& operator[](std::size_t i) const { return all_[i]; }
  /// The first of that id; size() where there is none.
  [[nodiscard]] std::size_t find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? size() : found->second;
  }
  [[nodiscard]] std::vector<std::string_view> ids() const {
    std::vector<std::string_view> ids;
    for (const auto& entry : all_)
      ids.emplace_back(entry.manager->manager.id);
    return ids;
  }

private:
  std::vector<Entry> all_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
};

void check_ids(Reader& reader, const Managers& managers) {
  for (std::size_t i = 0; i < managers.size(); ++i) {
    const auto& [host, manager] = managers[i];
    const auto& first = managers[managers.find(manager->manager.id)];
    if (first.manager == manager) continue;
    reader.faults.push_back({manager->at, path_of(*host, *manager),
                             "a manager's id is unique in the file, and hosts." +
                                 printable(first.host->host.name) + " has this one already (" +
                                 line_of(reader, first.manager->at) + ")"});
  }
}

void check_services(Reader& reader, const DraftHost& host) {
  std::unordered_map<std::string_view, const DraftManager*> seen;
  for (const auto& manager : host.managers) {
    if (manager.manager.service.empty()) continue;
    const auto [first, is_new] = seen.emplace(manager.manager.service, &manager);
    if (is_new) continue;
    reader.faults.push_back({manager.service_at, path_of(host, manager, "service"),
                             "manager " + in_quotes(first->second->manager.id) +
                                 " has this service already (" + line_of(reader, first->second->service_at) +
                                 ")"});
  }
}

void check_after_names(Reader& reader, const Managers& managers) {
  constexpr std::size_t most_searched = 50; // names; each search goes over all managers
  const auto ids = managers.ids();
  std::unordered_map<std::string_view, std::string_view> nearest_to;
  for (std::size_t i = 0; i < managers.size(); ++i) {
    const auto& [host, manager] = managers[i];
    for (const auto& [name, at] : manager->after) {
      if (managers.find(name) != managers.size()) continue;
      const auto [near, is_new] = nearest_to.emplace(name, std::string_view());
      if (is_new && nearest_to.size() <= most_searched) near->second = nearest(name, ids);
      reader.faults.push_back(
          {at, path_of(*host, *manager, "after"),
           "no manager " + in_quotes(name) + " in the file" +
               (near->second.empty() ? "" : ", did you mean " + in_quotes(near->second) + "?")});
    }
  }
}

/// Depth first, with a stack of its own: a chain may be as long as the file.
class CycleSearch {
public:
  CycleSearch(Reader& reader, const Managers& managers)
      : reader_(reader), managers_(managers), states_(managers.size(), State::unseen) {}

  void run() {
    for (std::size_t i = 0; i < managers_.size(); ++i)
      if (states_[i] == State::unseen) search_from(i);
  }

private:
  enum class State : std::uint8_t { unseen, open, done };
  struct Step {
    std::size_t manager;
    std::size_t next = 0; ///< index into its `after`
  };

  void search_from(std::size_t start) {
    enter(start);
    while (!stack_.empty()) {
      auto& [manager, next] = stack_.back();
      const auto& after = managers_[manager].manager->after;
      if (next == after.size()) {
        states_[manager] = State::done;
        stack_.pop_back();
        continue;
      }
      const auto& [name, at] = after[next++];
      const auto to = managers_.find(name);
      if (to == managers_.size()) continue;
      if (states_[to] == State::open) say(to, at);
      if (states_[to] == State::unseen) enter(to);
    }
  }

  void enter(std::size_t manager) {
    states_[manager] = State::open;
    stack_.push_back({manager});
  }

  /// The cycle is the stack from `to` on; a long one is shown by its beginning and end.
  void say(std::size_t to, std::size_t at) {
    constexpr std::size_t shown = 10;
    const auto first =
        std::find_if(stack_.begin(), stack_.end(), [&](const Step& step) { return step.manager == to; });
    const auto length = static_cast<std::size_t>(stack_.end() - first);
    std::string cycle;
    for (std::size_t i = 0; i < length; ++i) {
      if (i >= shown && i + 1 < length) continue;
      if (i + 1 == length && length > shown + 1) cycle += "... -> ";
      cycle +=
          printable(managers_[first[static_cast<std::ptrdiff_t>(i)].manager].manager->manager.id) + " -> ";
    }
    const auto& [host, manager] = managers_[stack_.back().manager];
    cycle += printable(managers_[to].manager->manager.id);
    reader_.faults.push_back({at, path_of(*host, *manager, "after"), "a cycle: " + cycle});
  }

  Reader& reader_;
  const Managers& managers_;
  std::vector<State> states_;
  std::vector<Step> stack_;
};

/// Where others don't find the registry: whoever speaks to it on another host is never heard.
void warn_of_unreachable_registry(const Draft& draft, std::vector<Note>& warnings) {
  const auto& config = draft.config;
  const auto& bound = config.registry_endpoint;
  const auto& taken = config.registry_connect.empty() ? bound : config.registry_connect;
  const bool remote = std::any_of(draft.hosts.begin(), draft.hosts.end(),
                                  [](const DraftHost& host) { return !host.host.is_local(); });
  if (!remote) return;
  if (config.registry_connect.empty() && std::any_of(bound.begin(), bound.end(), is_wildcard)) {
    warnings.push_back(
        {draft.registry_endpoint_at, "registry_endpoint",
         "a wildcard address says nothing to the managers on other hosts: set registry_connect to "
         "where they reach it"});
  } else if (std::all_of(taken.begin(), taken.end(), is_loopback)) {
    const bool says_connect = !config.registry_connect.empty();
    warnings.push_back({says_connect ? draft.registry_connect_at : draft.registry_endpoint_at,
                        says_connect ? "registry_connect" : "registry_endpoint",
                        taken.front() + " is this machine's alone, and managers are on other hosts: " +
                            (says_connect ? "set it to where they reach the registry"
                                          : "bind to an address that they reach, and set registry_connect")});
  }
}

/// What `deploy` would write a unit from, where it writes none.
void warn_of_no_exec(const Draft& draft, std::vector<Note>& warnings) {
  for (const auto& host : draft.hosts) {
    for (const auto& one : host.managers) {
      const auto& manager = one.manager;
      const bool says_more =
          !manager.user.empty() || !manager.environment.empty() || manager.resources != Resources{};
      if (says_more && manager.exec.empty())
        warnings.push_back({one.at, path_of(host, one),
                            "has user, environment or resources, but no exec: deploy writes no unit for it"});
    }
  }
}

} // namespace

void check_whole(Reader& reader, const Draft& draft) {
  const auto& config = draft.config;
  if (config.heartbeat_timeout_s <= config.heartbeat_check_interval_s)
    reader.fault(draft.heartbeat_times_at,
                 "heartbeat_timeout_s must be above heartbeat_check_interval_s, or a "
                 "timeout is seen long after it happened");
  const Managers managers(draft);
  check_ids(reader, managers);
  for (const auto& host : draft.hosts)
    check_services(reader, host);
  check_after_names(reader, managers);
  CycleSearch(reader, managers).run();
  check_security(reader, draft);
}

std::vector<Note> warnings_of(const Draft& draft) {
  const auto& config = draft.config;
  std::vector<Note> warnings;
  warn_of_unreachable_registry(draft, warnings);
  if (!config.metrics_endpoint.empty() && !is_loopback("tcp://" + config.metrics_endpoint)) {
    warnings.push_back(
        {draft.metrics_endpoint_at, "metrics_endpoint",
         "whoever reaches this address reads the metrics: they are neither encrypted nor asked "
         "for a password"});
  }
  warn_of_no_exec(draft, warnings);
  return warnings;
}

} // namespace config
