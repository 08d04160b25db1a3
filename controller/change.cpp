#include "controller/change.hpp"

#include "controller/announcements.hpp"
#include "controller/change_batch.hpp"
#include "controller/fleet_guard.hpp"
#include "controller/host_group.hpp"
#include "controller/manager_change.hpp"
#include "controller/registry_watch.hpp"
#include "controller/sequence.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

namespace controller {
namespace {

/// How long an interrupt may wait to be seen by a host that waits for another.
constexpr std::chrono::milliseconds longest_wait{250};
/// Some hosts end a connection on which nothing was said for long.
constexpr std::chrono::seconds longest_silence{60};
/// How much longer than a manager the registry may be away before a rolling restart stops.
constexpr std::chrono::seconds registry_restarts_within{10};
/// How often a rolling restart looks at what it restarted, beside each time that somebody is done.
constexpr std::chrono::seconds between_looks_at_restarted{1};

bool succeeded(const Outcome& outcome) {
  return outcome.end == Outcome::End::done || outcome.end == Outcome::End::unverified ||
         (outcome.end == Outcome::End::skipped && !outcome.failure);
}

/// The managers of one change, all hosts'.
struct Work {
  std::vector<std::unique_ptr<ManagerChange>> changes; ///< by position in what was chosen
  Sequence sequence;
  const ChangeOptions& options;
  RegistryWatch* registry = nullptr;
  Announcements* announcements = nullptr;
  std::optional<FleetGuard> guard = std::nullopt;
  std::mutex guarding = {};
  FailureClass left_out_for = FailureClass::order;

  void show(std::size_t position, const char* waits_for) const {
    const auto& chosen = changes[position]->chosen();
    options.fan_out.show({chosen.host, chosen.manager, waits_for});
  }

  void tell(std::size_t position) {
    const auto& outcome = changes[position]->outcome();
    show(position, "");
    const auto good =
        outcome.end == Outcome::End::done ? FleetGuard::Part::restarted : FleetGuard::Part::waits;
    set(position, succeeded(outcome) ? good : FleetGuard::Part::given_up);
    // Nobody tried it, so it stops nobody; the others see the interrupt themselves.
    if (outcome.failure && outcome.failure->failure_class == FailureClass::interrupted) return;
    // Unverified is as good as it gets without a registry, but no reason to go on to the next.
    const bool blind = guard && outcome.end == Outcome::End::unverified;
    sequence.finished(position, succeeded(outcome) && !blind);
  }

  bool begin(std::size_t position) {
    if (!sequence.begin(position)) return false;
    set(position, FleetGuard::Part::under_way);
    return true;
  }

  /// What a rolling restart is told of the unit of one that it restarted.
  void tell_up(std::size_t position, Clock::time_point when) {
    const std::lock_guard lock(guarding);
    guard->seen_up(position, when);
  }
  void tell_down(std::size_t position, std::string why) {
    const std::lock_guard lock(guarding);
    guard->seen_down(position, std::move(why));
  }

  /// Whether somebody may begin now. Where the fleet is not well, nobody will any more.
  bool may_begin() {
    if (!guard) return true;
    const auto view = registry->view();
    const std::lock_guard lock(guarding);
    const auto advice = guard->advise(*view, Clock::now());
    if (advice == FleetGuard::Advice::stop && sequence.stopped_by().empty()) {
      left_out_for = guard->registry_is_away() ? FailureClass::not_heard : FailureClass::fleet;
      sequence.stop(guard->objection());
    }
    return advice == FleetGuard::Advice::go_on;
  }

  void leave_out(std::size_t position) {
    const std::lock_guard lock(guarding);
    changes[position]->leave_out(left_out_for, sequence.why_never(position));
  }

  [[nodiscard]] Changes at(const std::vector<std::size_t>& positions) const {
    Changes some;
    for (const auto position : positions)
      some.push_back(changes[position].get());
    return some;
  }

private:
  void set(std::size_t position, FleetGuard::Part part) {
    if (!guard) return;
    const std::lock_guard lock(guarding);
    guard->set(position, part, Clock::now());
  }
};

/// One host's part, on its thread: batch by batch, as the order allows.
class HostChange {
public:
  HostChange(Work& work, std::vector<std::size_t> positions) : work_(work), left_(std::move(positions)) {}

  void run(HostLink& link) {
    auto spoken = Clock::now();
    for (const auto position : left_)
      work_.show(position, "waiting for its turn");
    while (!left_.empty() || watches()) {
      stop_if_interrupted();
      const auto seen = work_.sequence.news();
      look_at_restarted(link, seen);
      const auto ready = take_ready();
      give_up_blocked();
      if (!ready.empty()) {
        run_ready(link, ready);
        spoken = Clock::now();
      } else if (!left_.empty() || watches()) {
        work_.sequence.wait_for_news(seen, longest_wait);
      }
      if (Clock::now() - spoken < longest_silence || left_.empty()) continue;
      link.read(std::vector{work_.changes[left_.front()]->unit()});
      spoken = Clock::now();
    }
  }

  /// Ends what has no outcome yet.
  void fail(const Failure& failure) {
    for (const auto position : left_) {
      if (!work_.changes[position]->finished()) work_.changes[position]->fail(failure);
      work_.tell(position);
    }
    left_.clear();
    if (failure.failure_class == FailureClass::interrupted) return;
    for (const auto position : restarted_)
      work_.tell_down(position, work_.changes[position]->manager_id() +
                                    " was restarted and can't be looked at any more: " + failure.message);
  }

private:
  template<typename Which>
  std::vector<std::size_t> take(Which which) {
    std::vector<std::size_t> taken;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(taken), which);
    std::erase_if(
        left_, [&](auto position) { return std::find(taken.begin(), taken.end(), position) != taken.end(); });
    return taken;
  }

  void stop_if_interrupted() const {
    const auto& cancelled = work_.options.fan_out.cancelled;
    if (cancelled && cancelled()) throw HostError({FailureClass::interrupted, "not begun: interrupted", ""});
  }

  std::vector<std::size_t> take_ready() {
    const bool any = std::any_of(left_.begin(), left_.end(), [&](std::size_t position) {
      return work_.sequence.turn(position) == Sequence::Turn::now;
    });
    if (!any || !work_.may_begin()) return {};
    return take([&](std::size_t position) { return work_.begin(position); });
  }

  void give_up_blocked() {
    const auto blocked =
        take([&](std::size_t position) { return work_.sequence.turn(position) == Sequence::Turn::never; });
    for (const auto position : blocked) {
      work_.leave_out(position);
      work_.tell(position);
    }
  }

  void run_ready(HostLink& link, const std::vector<std::size_t>& ready) {
    left_.insert(left_.end(), ready.begin(), ready.end()); // where the link breaks, fail() ends them
    for (const auto position : restarted_)
      work_.tell_up(position, Clock::time_point::max());
    run_batch(link, work_.at(ready), work_.options, work_.registry, work_.announcements);
    for (const auto position : restarted_)
      work_.tell_up(position, {});
    for (const auto position : ready)
      work_.tell(position);
    left_.resize(left_.size() - ready.size());
    if (!left_.empty()) stop_if_refused(ready);
    if (!work_.guard) return;
    std::copy_if(ready.begin(), ready.end(), std::back_inserter(restarted_), [this](std::size_t position) {
      return work_.changes[position]->outcome().end == Outcome::End::done;
    });
  }

  /// A rolling restart goes on only while what it restarted is up, so each host looks on until nobody is left
  /// to begin.
  [[nodiscard]] bool watches() const { return !restarted_.empty() && work_.sequence.anybody_waits(); }

  void look_at_restarted(HostLink& link, std::size_t news) {
    const auto now = Clock::now();
    if (restarted_.empty() || (news == looked_after_ && now - looked_ < between_looks_at_restarted)) return;
    std::vector<std::string> units;
    for (const auto* change : work_.at(restarted_))
      units.push_back(change->unit());
    const auto readings = link.read(units);
    for (std::size_t i = 0; i < restarted_.size(); ++i) {
      if (const auto why = work_.changes[restarted_[i]]->went_down(readings[i]))
        work_.tell_down(restarted_[i], *why);
      else
        work_.tell_up(restarted_[i], now);
    }
    looked_ = now;
    looked_after_ = news;
  }

  /// A missing right ends the work with a host: what is left would be refused as well, one after the other.
  void stop_if_refused(const std::vector<std::size_t>& ready) {
    for (const auto position : ready) {
      const auto failure = work_.changes[position]->outcome().failure;
      if (failure && failure->failure_class == FailureClass::privilege)
        return fail({FailureClass::privilege, "not begun: " + failure->message, failure->hint});
    }
  }

  Work& work_;
  std::vector<std::size_t> left_;
  std::vector<std::size_t> restarted_; ///< of a rolling restart, done
  Clock::time_point looked_{};         ///< at those
  std::size_t looked_after_ = 0;       ///< the news that there was then
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

ChangeReport change(Operation operation, std::span<const Chosen> chosen, const ChangeOptions& given) {
  std::mutex talking;
  auto options = given;
  options.progress = [&](const std::string& line) {
    const std::lock_guard lock(talking);
    if (given.progress) given.progress(line);
  };
  const auto at_once = options.rolling ? options.rolling->at_once : 0;
  Work work{{}, Sequence(operation, chosen, {at_once, options.stop_on_error}), options};
  for (const auto& one : chosen)
    work.changes.push_back(std::make_unique<ManagerChange>(operation, one, options));

  std::unique_ptr<RegistryWatch> registry;
  const bool hears =
      std::any_of(chosen.begin(), chosen.end(), [](const auto& c) { return c.manager->heartbeats; });
  if ((operation != Operation::stop && options.wait && hears) || options.rolling)
    registry = std::make_unique<RegistryWatch>(options.registry);
  work.registry = registry.get();
  if (options.rolling)
    work.guard.emplace(chosen, options.rolling->max_offline,
                       options.heartbeat_timeout + registry_restarts_within);
  std::unique_ptr<Announcements> announcements;
  if (operation != Operation::start && hears)
    announcements = std::make_unique<Announcements>(options.registry, options.reason);
  work.announcements = announcements.get();

  const auto groups = by_host(chosen);
  std::vector<HostChange> of_host;
  for (const auto& group : groups)
    of_host.emplace_back(work, group.positions);
  // A host that waits for another keeps its place, so there must be one for each.
  if (work.sequence.orders_any())
    options.fan_out.parallel = std::max(options.fan_out.parallel, static_cast<unsigned>(groups.size()));
  fan_out(hosts_of(groups), options.fan_out,
          {[&](std::size_t index, HostLink& link) { of_host[index].run(link); },
           [&](std::size_t index, const Failure& failure) { of_host[index].fail(failure); }});

  if (announcements) {
    if (const auto problem = announcements->problem(); !problem.empty())
      options.progress("not announced: " + problem);
  }
  ChangeReport report;
  for (const auto& one : work.changes)
    report.outcomes.push_back(one->outcome());
  if (registry) report.registry = registry->view();
  report.stopped_by = work.sequence.stopped_by();
  return report;
}

} // namespace controller
