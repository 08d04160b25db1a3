#pragma once

#include "config/config.hpp"
#include "controller/registry_view.hpp"
#include "controller/supervision.hpp"
#include "controller/targets.hpp"
#include "controller/verdict.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace controller {

/// What supervision did or decided, for the log.
struct SupervisionEvent {
  enum class Level { info, warning, error } level = Level::info;
  std::string word; ///< `hung`, `restarted`, `restart_failed`, `left_alone`, `given_up`, `registry_away`, …
  std::string manager_id; ///< empty where it is about none
  std::string text;
};

/// What supervision goes by, until others are put in force.
struct SupervisorSettings {
  std::shared_ptr<const config::Config> config;
  RegistryAccess registry;
};

struct SupervisorOptions {
  bool dry_run = false;                             ///< says what it would restart
  std::function<void(const SupervisionEvent&)> log; ///< on run()'s thread
  /// Why a view is not reachable, for the log; on run()'s thread. Empty: the view's own error.
  std::function<std::string(const RegistryView&)> registry_line;
  std::function<void()> tick;   ///< on run()'s thread, a few times a second
  std::function<bool()> ending; ///< any thread; true: run() returns when what is under way is done
};

/// Follows the registry and restarts what hangs: one manager's restart never waits for another's.
class Supervisor {
public:
  Supervisor(SupervisorSettings settings, SupervisorOptions options);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// How many managers it may restart.
  [[nodiscard]] std::size_t watched() const { return watched_.size(); }
  /// Whom somebody looks at, or restarts, now. In the order of their ids.
  [[nodiscard]] std::vector<std::string> at_work() const;
  /// Puts others in force, at once: what is under way ends by those that it was begun by. What is known of
  /// managers is kept. As run()'s thread.
  void change(SupervisorSettings settings);

  void run();

private:
  struct Result {
    std::string manager_id;
    bool was_tried = false;
    SupervisionEvent event;
  };

  void take(SupervisorSettings settings);
  void look();
  void begin(const std::string& manager_id);
  Judgement judged(const SupervisorSettings& settings, const Chosen& chosen) const;
  Result work(const SupervisorSettings& settings, const Chosen& chosen, unsigned in_a_row) const;
  void wait_for_heartbeats(std::chrono::duration<double> timeout) const;
  Result restart(const SupervisorSettings& settings, const Chosen& chosen, unsigned in_a_row) const;
  void collect();
  void say(const RegistryView& view);
  void give_up(const std::string& id);

  SupervisorSettings settings_; ///< a worker has its own copy
  SupervisorOptions options_;
  Supervision supervision_;
  std::map<std::string, Chosen> watched_;
  bool registry_was_away_ = false;
  bool registry_is_another_ = false; ///< and was not asked yet
  std::map<std::string, std::string>
      last_said_; ///< why each was left alone: said once, not every ten seconds
  std::mutex mutex_;
  std::vector<Result> results_;
  std::map<std::string, std::jthread> workers_; // the last member: they end before what they use
};

} // namespace controller
