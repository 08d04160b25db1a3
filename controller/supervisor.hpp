#pragma once

#include "config/config.hpp"
#include "controller/registry_view.hpp"
#include "controller/supervision.hpp"
#include "controller/targets.hpp"
#include "controller/verdict.hpp"

#include <functional>
#include <map>
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

struct SupervisorOptions {
  RegistryAccess registry;
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
  /// The configuration outlives it, or the next one that is given.
  Supervisor(const config::Config& config, SupervisorOptions options);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// How many managers it may restart.
  [[nodiscard]] std::size_t watched() const { return watched_.size(); }
  /// Puts another configuration in force, when what is under way is done. What is known of managers is kept.
  void change(const config::Config& config);

  void run();

private:
  struct Result {
    std::string manager_id;
    bool was_tried = false;
    SupervisionEvent event;
  };

  void take(const config::Config& config);
  void look();
  void begin(const std::string& manager_id);
  Judgement judged(const Chosen& chosen) const;
  Result work(const Chosen& chosen, unsigned in_a_row) const;
  void wait_for_heartbeats() const;
  Result restart(const Chosen& chosen, unsigned in_a_row) const;
  void collect();
  void say(const RegistryView& view);
  void give_up(const std::string& id);
  void wait_for_workers();

  const config::Config* config_;
  SupervisorOptions options_;
  Supervision supervision_;
  std::map<std::string, Chosen> watched_;
  bool registry_was_away_ = false;
  std::map<std::string, std::string>
      last_said_; ///< why each was left alone: said once, not every ten seconds
  std::mutex mutex_;
  std::vector<Result> results_;
  std::map<std::string, std::jthread> workers_; // the last member: they end before what they use
};

} // namespace controller
