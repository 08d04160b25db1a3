#pragma once

#include "controller/progress.hpp"
#include "controller/targets.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// How far a command is, as one line: `start: 3 of 5 done, 4 s; h2: connecting 4 s; Risk: not heard yet 2 s`.
/// What waits longest comes first, a host that keeps several waiting once. Time is passed in; one thread at a
/// time.
class ProgressLine {
public:
  using Clock = std::chrono::steady_clock;

  /// Counts hosts. \param verb what is being done
  ProgressLine(std::string verb, std::span<const config::Host* const> hosts, Clock::time_point begun);
  /// Counts managers.
  ProgressLine(std::string verb, std::span<const controller::Chosen> chosen, Clock::time_point begun);

  void take(const controller::ProgressStep& step, Clock::time_point now);

  struct Text {
    std::string text;
    std::size_t columns = 0; ///< that it takes up at most
  };
  /// In so many columns: what finds no room is counted, `; 12 more`.
  [[nodiscard]] Text text(Clock::time_point now, std::size_t columns) const;

private:
  struct Item {
    const config::Host* host = nullptr;
    const config::Manager* manager = nullptr; ///< null: the host itself is counted
    std::string label;                        ///< whose wait it is
    std::string waits_for = {};
    Clock::time_point since = {};
    bool done = false;
  };

  [[nodiscard]] std::vector<std::string> waits(Clock::time_point now) const;
  void set(Item& item, const controller::ProgressStep& step, Clock::time_point now) const;

  std::string verb_;
  Clock::time_point begun_;
  std::vector<Item> items_;
  std::string waits_for_; ///< when nobody else is left
};

} // namespace cli
