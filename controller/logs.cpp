#include "controller/logs.hpp"

#include "controller/host_group.hpp"
#include "controller/host_link.hpp"
#include "controller/unit_failures.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace controller {
namespace {

using systemd_units::JournalEntry;
using systemd_units::JournalQuery;

constexpr std::chrono::seconds first_lines_within{2};
constexpr std::chrono::milliseconds between_looks_for_interrupts{250};
constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{15};

struct Line {
  const Chosen* chosen;
  JournalEntry entry;
};

/// Brings together what the hosts say: their first lines merged, the later ones as they come.
class Collector {
public:
  Collector(const LogOptions& options, std::size_t hosts) : options_(options), awaited_(hosts) {}

  /// A host's first lines are here, or will not come.
  void first(std::vector<Line> lines) {
    const std::lock_guard lock(mutex_);
    if (awaited_ > 0) --awaited_;
    if (flushed_) {
      give(lines);
    } else {
      std::move(lines.begin(), lines.end(), std::back_inserter(held_));
      if (awaited_ == 0) flush();
    }
    changed_.notify_all();
  }

  void later(const Line& line) {
    const std::lock_guard lock(mutex_);
    flushed_ ? options_.entry(*line.chosen, line.entry) : held_.push_back(line);
  }

  void failed(const config::Host& host, const Failure& failure) {
    const std::lock_guard lock(mutex_);
    options_.failed(host, failure);
  }

  void back(const config::Host& host) {
    const std::lock_guard lock(mutex_);
    options_.back(host);
  }

  /// Waits for the first lines of all, and no longer than `longest`; then gives what is there.
  void flush_within(Clock::duration longest) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, longest, [this] { return flushed_; });
    if (!flushed_) flush();
  }

private:
  void flush() {
    flushed_ = true;
    give(held_);
    held_.clear();
  }

  void give(std::vector<Line>& lines) {
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.entry.time < b.entry.time; });
    const auto wanted = std::min(options_.lines.value_or(lines.size()), lines.size());
    for (auto line = lines.end() - static_cast<std::ptrdiff_t>(wanted); line != lines.end(); ++line)
      options_.entry(*line->chosen, line->entry);
  }

  const LogOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t awaited_;
  std::vector<Line> held_;
  bool flushed_ = false;
};

/// One host's journal.
class HostLog {
public:
  HostLog(std::span<const Chosen> chosen, const HostGroup& group, const LogOptions& options,
          Collector& collector)
      : chosen_(chosen), group_(group), options_(options), collector_(collector) {
    for (const auto position : group.positions)
      units_.push_back(chosen[position].manager->service);
  }

  /// The lines that are there. Where they end too early, those that came are told all the same, and following
  /// goes on behind them.
  void read(HostLink& link) {
    JournalQuery query;
    query.lines = wants_new_only() ? 1 : options_.lines; // one says where the new ones begin
    if (!query.lines) query.since = options_.since; // with both, journalctl gives the first ones since then
    std::vector<Line> lines;
    try {
      link.journal(
          units_, query, [&](const JournalEntry& entry) { take(entry, lines); }, options_.fan_out.cancelled);
    } catch (const HostError& error) {
      has_read_ = !cursor_.empty();
      if (wants_new_only() || lines.empty()) throw;
      tell_first(std::move(lines));
      throw HostError(cut_off(error.failure()));
    }
    has_read_ = true;
    if (wants_new_only()) lines.clear();
    tell_first(std::move(lines));
  }

  /// Says of which units the journal can have nothing, since they go by another name, and asks for them no
  /// more. After the lines that are there: those are read also where systemd can't be asked.
  void leave_out_aliases(HostLink& link) {
    if (cancelled()) return;
    const auto readings = units_now(link);
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const auto& manager = *chosen_[group_.positions[i]].manager;
      const auto failure = named_by_alias(readings[i].state, manager);
      if (!failure) continue;
      collector_.failed(*group_.host, *failure);
      std::erase(units_, manager.service);
    }
    has_looked_at_names_ = true;
  }

  /// Those to come, until the link breaks or the user has seen enough.
  void follow(HostLink& link) {
    JournalQuery query;
    query.after_cursor = cursor_;
    query.follow = true;
    if (cursor_.empty()) query.since = options_.since; // there was nothing: all that is there is new
    link.journal(
        units_, query,
        [&](const JournalEntry& entry) {
          std::vector<Line> lines;
          take(entry, lines);
          for (const auto& line : lines)
            collector_.later(line);
        },
        options_.fan_out.cancelled);
  }

  void tell_first(std::vector<Line> lines) {
    if (!std::exchange(told_first_, true)) return collector_.first(std::move(lines));
    for (const auto& line : lines) // its host was away when the first ones were shown
      collector_.later(line);
  }

  void fail(const Failure& failure) {
    collector_.failed(*group_.host, failure);
    tell_first({});
  }

  /// Follows for as long as it makes sense, on a thread of its own.
  void run() {
    auto pause = std::chrono::duration_cast<Clock::duration>(first_pause);
    bool away = false;
    while (!cancelled()) {
      std::optional<Failure> failure;
      const config::Host* const host = group_.host;
      fan_out(std::span(&host, 1), options_.fan_out,
              {[&](std::size_t, HostLink& link) {
                 if (std::exchange(away, false)) collector_.back(*host);
                 if (!has_read_) read(link);
                 if (!has_looked_at_names_) leave_out_aliases(link);
                 if (units_.empty()) return;
                 pause = first_pause;
                 follow(link);
               },
               [&](std::size_t, const Failure& why) { failure = why; }});
      if (cancelled() || units_.empty()) return;
      if (!failure) failure = Failure{FailureClass::lost, "its journalctl ended", ""};
      if (!std::exchange(away, true)) fail(*failure);
      if (!may_pass(failure->failure_class)) return;
      rest(pause);
      pause = std::min<Clock::duration>(pause * 2, longest_pause);
    }
  }

private:
  [[nodiscard]] bool cancelled() const { return options_.fan_out.cancelled && options_.fan_out.cancelled(); }

  std::vector<UnitReading> units_now(HostLink& link) const {
    try {
      return link.read(units_);
    } catch (const HostError& error) {
      if (error.failure().failure_class == FailureClass::lost) throw;
      return {};
    }
  }

  void take(const JournalEntry& entry, std::vector<Line>& lines) {
    cursor_ = entry.cursor;
    if (options_.since && entry.time < *options_.since) return; // where journalctl was told, in whole seconds
    for (const auto position : group_.positions)
      if (chosen_[position].manager->service == entry.unit) lines.push_back({&chosen_[position], entry});
  }

  [[nodiscard]] bool wants_new_only() const { return options_.follow && options_.lines.value_or(1) == 0; }

  /// Said of lines that are shown and are not all.
  static Failure cut_off(Failure failure) {
    if (failure.failure_class != FailureClass::privilege) // which says so itself
      failure.message += "; its journal is cut off there, what came before is shown";
    return failure;
  }

  static bool may_pass(FailureClass failure_class) {
    return failure_class == FailureClass::resolve || failure_class == FailureClass::connect ||
           failure_class == FailureClass::busy || failure_class == FailureClass::lost ||
           failure_class == FailureClass::timed_out;
  }

  void rest(Clock::duration pause) const {
    const auto until = Clock::now() + pause;
    while (!cancelled() && Clock::now() < until)
      std::this_thread::sleep_for(between_looks_for_interrupts);
  }

  std::span<const Chosen> chosen_;
  const HostGroup& group_;
  const LogOptions& options_;
  Collector& collector_;
  std::vector<std::string> units_;
  std::string cursor_;
  bool has_read_ = false;
  bool has_looked_at_names_ = false;
  bool told_first_ = false;
};

} // namespace

void read_logs(std::span<const Chosen> chosen, const LogOptions& options) {
  const auto groups = by_host(chosen);
  Collector collector(options, groups.size());
  std::vector<HostLog> logs;
  for (const auto& group : groups)
    logs.emplace_back(chosen, group, options, collector);
  if (!options.follow)
    return fan_out(hosts_of(groups), options.fan_out,
                   {[&](std::size_t index, HostLink& link) {
                      logs[index].read(link);
                      logs[index].leave_out_aliases(link);
                    },
                    [&](std::size_t index, const Failure& failure) { logs[index].fail(failure); }});
  std::vector<std::jthread> threads;
  for (auto& log : logs)
    threads.emplace_back([&log] { log.run(); });
  collector.flush_within(first_lines_within);
}

} // namespace controller
