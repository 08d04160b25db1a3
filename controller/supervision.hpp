#pragma once

#include "config/config.hpp"
#include "controller/registry_view.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace controller {

/// Decides when a manager that the registry has offline is to be looked at, and restarted if it hangs. Pure:
/// views and time come in. One thread.
///
/// It trusts the registry only while its views come without a gap and it has been up, and seen, for longer
/// than a heartbeat may take: a registry, a network or a supervisor that was away makes everybody look
/// silent.
class Supervision {
public:
  explicit Supervision(std::chrono::duration<double> heartbeat_timeout);

  struct Watched {
    std::string manager_id;
    config::RestartPolicy policy;
  };
  /// Whom it is about from now on. What is known of those that stay is kept.
  void watch(const std::vector<Watched>& managers);
  void set_heartbeat_timeout(std::chrono::duration<double> timeout);
  /// The next view is another registry's, which is trusted no sooner than one that was away.
  void another_registry();

  /// Takes a view and returns whose units are to be looked at now; each of them is at work until restarted()
  /// or left_alone() is called for it.
  std::vector<std::string> due(const RegistryView& view, Clock::time_point now);
  /// It hung and was restarted, or that was tried.
  void restarted(const std::string& manager_id, Clock::time_point now);
  /// It did not hang, or could not be looked at: later again, if it is offline still.
  void left_alone(const std::string& manager_id, Clock::time_point now);

  /// Those whose restarts of an hour are used up, since the last call: each once until one is free again.
  std::vector<std::string> take_given_up();

  /// How many restarts in a row have not helped for good.
  [[nodiscard]] unsigned in_a_row(const std::string& manager_id) const;

private:
  struct Record {
    config::RestartPolicy policy;
    bool at_work = false;
    bool given_up = false;
    unsigned in_a_row = 0;
    std::deque<Clock::time_point> restarts; ///< of the last hour
    std::optional<Clock::time_point> offline_since, online_since;
    Clock::time_point not_before{};
  };

  bool trust(const RegistryView& view, Clock::time_point now);
  void see(Record& record, const actors::registry::ManagerEntry* manager, Clock::time_point now) const;
  bool is_due(const std::string& id, Record& record, Clock::time_point now);

  Clock::duration heartbeat_timeout_;
  std::map<std::string, Record> records_;
  std::optional<Clock::time_point> trusted_since_, last_asked_;
  std::chrono::duration<double> last_uptime_{};
  std::vector<std::string> given_up_;
};

} // namespace controller
