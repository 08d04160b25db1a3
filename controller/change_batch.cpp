#include "controller/change_batch.hpp"

#include <algorithm>
#include <memory>
#include <thread>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Verb;
using Words = std::vector<std::string>;

/// What a life of a unit said at last.
struct LastWords {
  Words words;
  bool has_its_own = false; ///< not systemd's alone
};

constexpr std::chrono::milliseconds pause_between_looks_at_units{400};
constexpr std::size_t quoted_lines = 5;
constexpr std::size_t looked_at_lines = 50;
/// journald may be behind; a host's units wait for it together.
constexpr unsigned looks_again_for_words = 3;
constexpr std::chrono::milliseconds pause_between_looks_for_words{250};
constexpr const char* nothing_in_journal =
    "nothing of this activation is in it; is the disk there full, or does journald keep none (Storage=)?";
/// Without waiting: how long a refusal may take to be seen, and for each unit how long it may take to ask.
constexpr std::chrono::milliseconds acceptance{2000};
constexpr std::chrono::milliseconds acceptance_of_each{200};

/// What a manager waits for while systemd is at its job.
std::string job_words(Verb verb) {
  return verb == Verb::stop ? "stopping" : std::string(to_string(verb)) + "ing";
}

std::vector<std::string> units_of(const Changes& changes) {
  std::vector<std::string> units;
  for (const auto* change : changes)
    units.push_back(change->unit());
  return units;
}

/// Some managers of one host on their way.
class Batch {
public:
  Batch(HostLink& link, const Changes& changes, const ChangeOptions& options, RegistryWatch* registry,
        Announcements* announcements)
      : link_(link), changes_(changes), options_(options), registry_(registry),
        announcements_(announcements) {}

  void run() {
    const auto before = link_.read(units_of(changes_));
    for (std::size_t i = 0; i < changes_.size(); ++i)
      changes_[i]->begin(before[i], Clock::now());
    // A refused reset is no reason to give up: the start that follows says what is missing.
    reset_failed(those([](const ManagerChange& c) { return !c.finished() && c.wants_reset_failed(); }));
    const auto begun = those([](const ManagerChange& c) { return !c.finished() && c.wants_job(); });
    announce(begun);
    make_jobs(begun);
    clear_killed();
    wait();
    take_back();
    quote_journals();
  }

private:
  template<typename Which>
  [[nodiscard]] Changes those(Which which) const {
    Changes some;
    std::copy_if(changes_.begin(), changes_.end(), std::back_inserter(some),
                 [&](auto* c) { return which(*c); });
    return some;
  }

  std::vector<ChangeResult> reset_failed(const Changes& some) {
    if (some.empty()) return {};
    return link_.change(Verb::reset_failed, units_of(some), Clock::now() + std::chrono::seconds(30));
  }

  void announce(const Changes& begun) {
    if (announcements_ == nullptr) return;
    std::vector<Announcements::Mark> marks;
    for (auto* change : begun) {
      if (!change->wants_announcing()) continue;
      change->announced();
      marks.push_back({change->manager_id(), change->silence()});
    }
    announcements_->tell(marks);
  }

  void take_back() {
    std::vector<Announcements::Mark> marks;
    for (const auto* change : those([](const ManagerChange& c) { return c.wants_announcement_back(); }))
      marks.push_back({change->manager_id(), {}});
    if (!marks.empty()) announcements_->tell(marks);
  }

  void clear_killed() {
    const auto killed = those([](const ManagerChange& c) { return c.wants_clearing(); });
    const auto results = reset_failed(killed);
    for (std::size_t i = 0; i < killed.size(); ++i)
      if (results[i].end != ChangeResult::End::done) killed[i]->clearing_failed();
  }

  /// The last that a life of the unit said. Of a process that dies at once journald misses whose it was, so
  /// everything counts from the first that is known to be of this life on. Of one that it reads late it may
  /// take the last words for those of the next life: systemd's word for another life, before its first for
  /// this one, tells them apart.
  LastWords last_words(const std::string& unit, const std::string& life) {
    systemd_units::JournalQuery query;
    query.lines = looked_at_lines;
    LastWords last;
    bool begun = false;
    bool surely = false;
    link_.journal(std::vector{unit}, query,
                  [&](const auto& entry) {
                    const bool is_its_own = entry.invocation_id == life;
                    begun = begun || is_its_own;
                    surely = surely || (entry.is_systemds && is_its_own);
                    if (entry.is_systemds && !is_its_own && !surely && !entry.invocation_id.empty()) {
                      begun = false;
                      last = {};
                    }
                    if (!begun) return;
                    last.words.push_back(entry.message);
                    last.has_its_own |= !entry.is_systemds;
                  },
                  {});
    if (last.words.size() > quoted_lines)
      last.words.erase(last.words.begin(), last.words.end() - static_cast<std::ptrdiff_t>(quoted_lines));
    return last;
  }

  /// journald may have what systemd says before it has what the program said.
  Words awaited_last_words(const std::string& unit, const std::string& life) {
    auto last = last_words(unit, life);
    for (; !last.has_its_own && looks_again_left_ > 0; --looks_again_left_) {
      std::this_thread::sleep_for(pause_between_looks_for_words);
      last = last_words(unit, life);
    }
    return std::move(last.words);
  }

  /// A quote that can't be had is no failure of the change, but said: systemd itself has a word for each
  /// life. What can't be read of one unit can't be of the next, and may take the whole command timeout to say
  /// so.
  void quote_journals() {
    std::string unreadable;
    for (auto* change : changes_) {
      const auto life = change->failed_life();
      if (life.empty()) continue;
      Words words;
      try {
        if (unreadable.empty()) words = awaited_last_words(change->unit(), life);
      } catch (const HostError& error) {
        unreadable = error.failure().message + "; " + error.failure().hint;
      }
      const auto problem = unreadable.empty() && words.empty() ? nothing_in_journal : unreadable;
      change->quote(std::move(words), problem);
    }
  }

  void make_jobs(const Changes& begun) {
    if (begun.empty()) return;
    for (auto* change : begun) {
      change->handed_over();
      show(*change, job_words(change->verb()));
    }
    auto deadline = begun.front()->deadline();
    for (const auto* change : begun)
      deadline = std::max(deadline, change->deadline());
    if (!options_.wait)
      deadline =
          std::min(deadline, Clock::now() + acceptance + static_cast<int>(begun.size()) * acceptance_of_each);
    const auto units = units_of(begun);
    const auto results = link_.change(begun.front()->verb(), units, deadline);
    const auto after = link_.read(units);
    for (std::size_t i = 0; i < begun.size(); ++i) {
      begun[i]->job_ended(results[i], after[i], Clock::now());
      show(*begun[i]);
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
        show(*left[i]);
        if (!left[i]->finished() && left[i]->waiting_for() != waited_for)
          say(*left[i], left[i]->waiting_for());
      }
      if (!unfinished(left).empty()) std::this_thread::sleep_for(pause_between_looks_at_units);
    }
  }

  void show(const ManagerChange& change, const std::string& waits_for) const {
    options_.fan_out.show({change.chosen().host, change.chosen().manager, waits_for});
  }

  void show(const ManagerChange& change) const {
    show(change, change.finished() ? "" : change.waiting_for());
  }

  void say(const ManagerChange& change, const std::string& what) const {
    if (options_.progress) options_.progress(change.unit() + ": " + what);
  }

  HostLink& link_;
  const Changes& changes_;
  const ChangeOptions& options_;
  RegistryWatch* registry_;
  Announcements* announcements_;
  unsigned looks_again_left_ = looks_again_for_words;
};

} // namespace

Changes unfinished(const Changes& changes) {
  Changes left;
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(left),
               [](auto* c) { return !c->finished(); });
  return left;
}

void run_batch(HostLink& link, const Changes& changes, const ChangeOptions& options, RegistryWatch* registry,
               Announcements* announcements) {
  Batch(link, changes, options, registry, announcements).run();
}

} // namespace controller
