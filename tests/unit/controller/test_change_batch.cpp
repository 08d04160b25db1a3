#include "controller/change_batch.hpp"

#include "tests/unit/controller/fixtures.hpp"
#include "tests/unit/controller/recording_registry.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

using namespace test;
using systemd_units::ChangeResult;
using Texts = std::vector<std::string>;

/// A systemd on which each unit is what the test says, before and after.
class ScriptedLink final : public HostLink {
public:
  ScriptedLink(RecordingRegistry& registry, UnitReading before, UnitReading after, ChangeResult result)
      : registry_(registry), now_(std::move(before)), after_(std::move(after)), result_(std::move(result)) {}

  std::vector<UnitReading> read(std::span<const std::string> units) override {
    return std::vector<UnitReading>(units.size(), now_);
  }
  std::vector<ChangeResult> change(const systemd_units::Request&, std::span<const std::string> units,
                                   Clock::time_point deadline) override {
    deadline_ = deadline;
    told_before_ = registry_.told();
    now_ = after_;
    return std::vector<ChangeResult>(units.size(), result_);
  }
  void journal(std::span<const std::string>, const systemd_units::JournalQuery&,
               const std::function<void(const systemd_units::JournalEntry&)>& entry,
               const std::function<bool()>&) override {
    ++looks_;
    if (unreadable_) throw HostError({FailureClass::timed_out, "journalctl is silent", "look there"});
    const bool is_behind = behind_ > 0;
    if (is_behind) --behind_;
    for (const auto& message : said_) {
      systemd_units::JournalEntry line;
      line.message = message;
      line.is_systemds = message.starts_with("Started") || message.starts_with("Stopped");
      if (message.starts_with("Started") || message.starts_with("late"))
        line.invocation_id = "aaaa"; // as active_for() and down_for() have it
      if (message.starts_with("Stopped")) line.invocation_id = "9999";
      if (!is_behind || (line.is_systemds && has_systemds_)) entry(line);
    }
  }
  std::vector<ssh::CommandResult> run(std::span<const std::vector<std::string>> commands,
                                      Clock::time_point) override {
    return std::vector<ssh::CommandResult>(commands.size());
  }
  ssh::CommandResult run(const ssh::Command&, Clock::time_point) override { return {}; }
  [[nodiscard]] const ssh::Trust* trust() const override { return nullptr; }
  std::string systemd_version() override { return "252"; }
  void says(Texts messages) { said_ = std::move(messages); }
  /// \param with_systemds systemd's own words are there already
  void journal_is_behind_for(unsigned looks, bool with_systemds) {
    behind_ = looks;
    has_systemds_ = with_systemds;
  }
  void journal_is_unreadable() { unreadable_ = true; }
  [[nodiscard]] unsigned looks_at_journal() const { return looks_; }

  /// By when the last change was to be over.
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }

  /// What the registry had been told when systemd was asked.
  [[nodiscard]] const Texts& told_before() const { return told_before_; }

private:
  RecordingRegistry& registry_;
  UnitReading now_, after_;
  ChangeResult result_;
  Clock::time_point deadline_;
  Texts told_before_;
  Texts said_;
  unsigned behind_ = 0;
  bool has_systemds_ = false;
  unsigned looks_ = 0;
  bool unreadable_ = false;
};

struct Batch {
  Batch(Operation operation, ScriptedLink& link, RecordingRegistry& registry) {
    host.name = "h1";
    manager.id = "M";
    manager.service = "m.service";
    chosen = {&host, &manager, true};
    options.fan_out.observer = [this](const ProgressStep& step) {
      steps.push_back(step.waits_for.empty() ? "done" : step.waits_for);
    };
    ManagerChange change(operation, chosen, options);
    Announcements announcements({registry.endpoints()}, "a test");
    run_batch(link, {&change}, options, nullptr, &announcements);
    outcome = change.outcome();
  }
  config::Host host;
  config::Manager manager;
  Chosen chosen;
  ChangeOptions options;
  Outcome outcome;
  Texts steps; ///< that an observer was told
};

} // namespace

TEST_CASE("a stop is announced before systemd is asked, and stands when it is done") {
  RecordingRegistry registry;
  ScriptedLink link(registry, active_for(1h), down_for(0s), {ChangeResult::End::done, ""});
  const Batch batch(Operation::stop, link, registry);
  CHECK(batch.outcome.end == Outcome::End::done);
  CHECK(link.told_before() == Texts{"M 191 a test"});
  CHECK(registry.told().size() == 1);
}

TEST_CASE("a start that fails quotes what the unit said, one that is done does not") {
  RecordingRegistry registry;
  const ChangeResult job_failed{ChangeResult::End::failed, "failed"};
  ScriptedLink bad(registry, down_for(1h), down_for(0s, "failed"), job_failed);
  bad.says({"of an older life", "Started", "no licence", "Failed with result 'exit-code'."});
  CHECK(Batch(Operation::start, bad, registry).outcome.journal ==
        Texts{"Started", "no licence", "Failed with result 'exit-code'."});
  ScriptedLink good(registry, active_for(1h), down_for(0s), {ChangeResult::End::done, ""});
  good.says({"bye"});
  CHECK(Batch(Operation::stop, good, registry).outcome.journal.empty());
}

TEST_CASE("what a process said before its end is not quoted, also where journald read it late") {
  RecordingRegistry registry;
  const ChangeResult job_failed{ChangeResult::End::failed, "failed"};
  ScriptedLink link(registry, active_for(1h), down_for(0s, "failed"), job_failed);
  link.says({"late, of the life before", "Stopped", "Started", "no licence"});
  CHECK(Batch(Operation::restart, link, registry).outcome.journal == Texts{"Started", "no licence"});
  ScriptedLink tried_again(registry, active_for(1h), down_for(0s, "failed"), job_failed);
  tried_again.says({"Started", "no licence", "Stopped"});
  CHECK(Batch(Operation::restart, tried_again, registry).outcome.journal ==
        Texts{"Started", "no licence", "Stopped"});
}

TEST_CASE("a journal that has nothing of a failed start is said to have nothing") {
  RecordingRegistry registry;
  const ChangeResult job_failed{ChangeResult::End::failed, "failed"};
  ScriptedLink link(registry, down_for(1h), down_for(0s, "failed"), job_failed);
  link.says({"of an older life"});
  const Batch batch(Operation::start, link, registry);
  CHECK(batch.outcome.journal.empty());
  CHECK(batch.outcome.journal_problem.starts_with("nothing of this activation is in it"));
}

TEST_CASE("a journal that is behind is waited for, also where it has systemd's words already") {
  RecordingRegistry registry;
  const ChangeResult job_failed{ChangeResult::End::failed, "failed"};
  ScriptedLink link(registry, down_for(1h), down_for(0s, "failed"), job_failed);
  link.says({"Started", "no licence"});
  SUBCASE("nothing is there") {
    link.journal_is_behind_for(2, false);
  }
  SUBCASE("systemd's words are") {
    link.journal_is_behind_for(2, true);
  }
  const Batch batch(Operation::start, link, registry);
  CHECK(batch.outcome.journal == Texts{"Started", "no licence"});
  CHECK(batch.outcome.journal_problem.empty());
}

TEST_CASE("of a program that said nothing systemd's words are quoted") {
  RecordingRegistry registry;
  ScriptedLink link(registry, down_for(1h), down_for(0s, "failed"), {ChangeResult::End::failed, "failed"});
  link.says({"Started"});
  CHECK(Batch(Operation::start, link, registry).outcome.journal == Texts{"Started"});
}

TEST_CASE("many failed starts of a host take no longer to quote than one, where there is nothing to be had") {
  RecordingRegistry registry;
  ScriptedLink link(registry, down_for(1h), down_for(0s, "failed"), {ChangeResult::End::failed, "failed"});
  config::Host host;
  config::Manager manager;
  manager.service = "m.service";
  const Chosen chosen{&host, &manager, true};
  const ChangeOptions options;
  std::vector<ManagerChange> changes(20, ManagerChange(Operation::start, chosen, options));
  Changes batch;
  for (auto& change : changes)
    batch.push_back(&change);
  std::string problem;
  SUBCASE("since nothing is in the journal") {
    problem =
        "nothing of this activation is in it; is the disk there full, or does journald keep none (Storage=)?";
    run_batch(link, batch, options, nullptr, nullptr);
    CHECK(link.looks_at_journal() == 20 + 3); // it is waited for once
  }
  SUBCASE("since it can't be read") {
    problem = "journalctl is silent; look there";
    link.journal_is_unreadable();
    run_batch(link, batch, options, nullptr, nullptr);
    CHECK(link.looks_at_journal() == 1);
  }
  for (const auto& change : changes)
    CHECK(change.outcome().journal_problem == problem);
}

TEST_CASE("who watches is told what is waited for, and the end") {
  RecordingRegistry registry;
  ScriptedLink link(registry, active_for(1h), down_for(0s), {ChangeResult::End::done, ""});
  CHECK(Batch(Operation::stop, link, registry).steps == Texts{"stopping", "done"});
}

TEST_CASE("a stop that is refused is taken back") {
  RecordingRegistry registry;
  ScriptedLink link(registry, active_for(1h), active_for(1h), {ChangeResult::End::no_privilege, "no"});
  const Batch batch(Operation::stop, link, registry);
  CHECK(batch.outcome.end == Outcome::End::failed);
  CHECK(registry.told() == Texts{"M 191 a test", "M 0"});
}

TEST_CASE("a stop that systemd was not asked for in time is taken back") {
  RecordingRegistry registry;
  ScriptedLink link(registry, active_for(1h), active_for(1h), {ChangeResult::End::not_asked, ""});
  const Batch batch(Operation::stop, link, registry);
  CHECK(batch.outcome.end == Outcome::End::failed);
  CHECK(registry.told() == Texts{"M 191 a test", "M 0"});
}

TEST_CASE("without waiting there is time to ask for each of many units, and no more than the change has") {
  RecordingRegistry registry;
  const auto time_for = [&](std::size_t count, std::optional<std::chrono::seconds> timeout = {}) {
    ScriptedLink link(registry, active_for(1h), down_for(0s), {ChangeResult::End::done, ""});
    config::Host host;
    config::Manager manager;
    manager.service = "m.service";
    const Chosen chosen{&host, &manager, true};
    ChangeOptions options;
    options.wait = false;
    if (timeout) options.timeout = *timeout;
    std::vector<ManagerChange> changes(count, ManagerChange(Operation::stop, chosen, options));
    Changes batch;
    for (auto& change : changes)
      batch.push_back(&change);
    const auto begun = Clock::now();
    run_batch(link, batch, options, nullptr, nullptr);
    return link.deadline() - begun;
  };
  CHECK(time_for(1) < 5s);
  CHECK(time_for(100) > 15s);
  CHECK(time_for(100, 3s) < 4s);
}

TEST_CASE("what is stopped already is not announced") {
  RecordingRegistry registry;
  ScriptedLink link(registry, down_for(1h), down_for(1h), {ChangeResult::End::done, ""});
  const Batch batch(Operation::stop, link, registry);
  CHECK(batch.outcome.end == Outcome::End::done);
  CHECK(registry.told().empty());
}

} // namespace controller
