#include "controller/change.hpp"

#include "controller/host_group.hpp"
#include "controller/manager_change.hpp"
#include "controller/registry_watch.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Verb;

constexpr std::chrono::milliseconds pause_between_looks{400};
/// Without waiting: how long a refusal may take to be seen.
constexpr std::chrono::milliseconds acceptance{700};

using Changes = std::vector<ManagerChange*>;

std::vector<std::string> units_of(const Changes& changes) {
  std::vector<std::string> units;
  for (const auto* change : changes)
    units.push_back(change->unit());
  return units;
}

Changes unfinished(const Changes& changes) {
  Changes left;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(left),
               [](auto* c) { return !c->finished(); });
  return left;
}

/// The work with one host, on its thread.
class HostChange {
public:
  HostChange(HostLink& link, const Changes& changes, const ChangeOptions& options, RegistryWatch* registry)
      : link_(link), changes_(changes), options_(options), registry_(registry) {}

  void run() {
    const auto before = link_.read(units_of(changes_));
    for (std::size_t i = 0; i < changes_.size(); ++i)
      changes_[i]->begin(before[i], Clock::now());
    reset_failed(
        [](const ManagerChange& change) { return !change.finished() && change.wants_reset_failed(); });
    make_jobs();
    reset_failed([](const ManagerChange& change) { return change.wants_clearing(); });
    wait();
  }

private:
  template<typename Wants>
  void reset_failed(Wants wants) {
    Changes some;
    std::copy_if(changes_.begin(), changes_.end(), std::back_inserter(some),
                 [&](auto* c) { return wants(*c); });
    if (some.empty()) return;
    const auto units = units_of(some);
    // A refused reset is no reason to give up: the start that follows says what is missing.
    link_.change(Verb::reset_failed, units, Clock::now() + std::chrono::seconds(30));
  }

  void make_jobs() {
    const auto begun = unfinished(changes_);
    if (begun.empty()) return;
    auto deadline = begun.front()->deadline();
    for (const auto* change : begun)
      deadline = std::max(deadline, change->deadline());
    if (!options_.wait) deadline = std::min(deadline, Clock::now() + acceptance);
    const auto units = units_of(begun);
    const auto results = link_.change(begun.front()->verb(), units, deadline);
    const auto after = link_.read(units);
    for (std::size_t i = 0; i < begun.size(); ++i) {
      begun[i]->job_ended(results[i], after[i], Clock::now());
      if (results[i].end != ChangeResult::End::done || begun[i]->finished()) continue;
      say(*begun[i], std::string(to_string(begun[i]->verb())) + " is through, " + begun[i]->waiting_for());
    }
  }

  void wait() {
    for (auto left = unfinished(changes_); !left.empty(); left = unfinished(left)) {
      const auto view = registry_ == nullptr ? std::make_shared<const RegistryView>() : registry_->view();
      const auto readings = link_.read(units_of(left));
      for (std::size_t i = 0; i < left.size(); ++i) {
        const auto waited_for = left[i]->waiting_for();
        left[i]->look(readings[i], *view, Clock::now());
        if (!left[i]->finished() && left[i]->waiting_for() != waited_for)
          say(*left[i], left[i]->waiting_for());
      }
      if (!unfinished(left).empty()) std::this_thread::sleep_for(pause_between_looks);
    }
  }

  void say(const ManagerChange& change, const std::string& what) const {
    if (options_.progress) options_.progress(change.unit() + ": " + what);
  }

  HostLink& link_;
  const Changes& changes_;
  const ChangeOptions& options_;
  RegistryWatch* registry_;
};

} // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
  case Operation::start: return "start";
  case Operation::stop: return "stop";
  case Operation::restart: return "restart";
  }
  return "start";
}

std::vector<Outcome> change(Operation operation, std::span<const Chosen> chosen, const ChangeOptions& given) {
  std::mutex talking;
  auto options = given;
  options.progress = [&](const std::string& line) {
    const std::lock_guard lock(talking);
    if (given.progress) given.progress(line);
  };
  std::vector<std::unique_ptr<ManagerChange>> changes;
  for (const auto& one : chosen)
    changes.push_back(std::make_unique<ManagerChange>(operation, one, options));

  std::unique_ptr<RegistryWatch> registry;
  const bool hears =
      std::any_of(chosen.begin(), chosen.end(), [](const auto& c) { return c.manager->heartbeats; });
  if (operation != Operation::stop && options.wait && hears)
    registry = std::make_unique<RegistryWatch>(options.registry);

  const auto groups = by_host(chosen);
  std::vector<Changes> of_host(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const auto position : groups[i].positions)
      of_host[i].push_back(changes[position].get());
  HostWork work;
  work.work = [&](std::size_t index, HostLink& link) {
    HostChange(link, of_host[index], options, registry.get()).run();
  };
  work.failed = [&](std::size_t index, const Failure& failure) {
    for (auto* one : unfinished(of_host[index]))
      one->fail(failure);
  };
  fan_out(hosts_of(groups), options.fan_out, work);

  std::vector<Outcome> outcomes;
  for (const auto& one : changes)
    outcomes.push_back(one->outcome());
  return outcomes;
}

} // namespace controller
