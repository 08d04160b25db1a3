#pragma once

#include "controller/registry_view.hpp"
#include "controller/targets.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// Says whether a rolling restart may go on: while what it restarted is up still and online, and no more than
/// `max_offline` of the others that the registry had online at the beginning have gone. Pure; one thread at a
/// time.
class FleetGuard {
public:
  /// \param patience how long the registry may be away before that is an objection.
  FleetGuard(std::span<const Chosen> chosen, unsigned max_offline, std::chrono::duration<double> patience);

  /// How far a chosen manager is.
  enum class Part { waits, under_way, restarted, given_up };
  void set(std::size_t position, Part part, Clock::time_point now);

  /// When the unit of one that was restarted was last seen up in its new life. The clock's end: nobody can
  /// look at the moment, so the registry's word alone counts.
  void seen_up(std::size_t position, Clock::time_point when);
  /// It is not up any more, or nobody can tell any more. \param why is the objection.
  void seen_down(std::size_t position, std::string why);

  enum class Advice { go_on, wait, stop };
  /// The first view that shows the registry is the one that the later ones are compared with. Whose silence
  /// was planned by then, such as one that was just stopped, is not counted: it reads online until its
  /// timeout.
  Advice advise(const RegistryView& view, Clock::time_point now);
  /// Why it may not go on, after `stop`.
  [[nodiscard]] const std::string& objection() const { return objection_; }
  /// Whether the objection is that nobody can tell.
  [[nodiscard]] bool registry_is_away() const { return registry_is_away_; }

private:
  struct Member {
    std::string id;
    bool heartbeats = true;
    Part part = Part::waits;
    Clock::time_point up_at{};
    std::string down{}; ///< why it is not up any more
  };
  [[nodiscard]] bool is_unseen(const Member& member) const;
  [[nodiscard]] bool may_be_offline(const std::string& id) const;
  Advice object(std::string why);

  std::vector<Member> members_;
  unsigned max_offline_;
  std::chrono::duration<double> patience_;
  std::optional<std::vector<std::string>> online_at_first_;
  Clock::time_point last_change_{};
  std::optional<Clock::time_point> away_since_;
  std::string objection_;
  bool registry_is_away_ = false;
};

} // namespace controller
