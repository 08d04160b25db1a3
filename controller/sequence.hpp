#pragma once

#include "controller/change.hpp"
#include "controller/targets.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// How many of a change's managers may be under way, and what a failure means for those not begun.
struct Pace {
  unsigned at_once = 0;       ///< over all hosts, in the order chosen; 0: any number
  bool stop_on_error = false; ///< a failure ends the change for whoever has not begun
};

/// The order that `after` and the pace give to the managers of one change: a start waits for those it is
/// after, a stop for those that are after it. Only chosen managers count, and none is added. Any thread.
class Sequence {
public:
  Sequence(Operation operation, std::span<const Chosen> chosen, Pace pace = {});

  /// Whether anybody waits for anybody.
  [[nodiscard]] bool orders_any() const;

  enum class Turn {
    now,   ///< nobody is left to wait for
    later, ///< somebody is still at work
    never, ///< somebody it waits for did not succeed, or the change was stopped
  };
  Turn turn(std::size_t position);
  /// Begins it, if it is its turn now.
  bool begin(std::size_t position);
  /// Why it is never its turn: `MarketData did not succeed`.
  std::string why_never(std::size_t position);

  void finished(std::size_t position, bool succeeded);
  bool is_finished(std::size_t position);
  /// Whether somebody may yet begin.
  bool anybody_waits();
  /// It is nobody's turn any more who has not begun.
  void stop(const std::string& why);
  /// Why it was stopped, by whomever, although somebody had not begun; empty: it was not.
  std::string stopped_by();

  /// Counts what may have changed somebody's turn; to be asked before turn().
  std::size_t news();
  /// Returns when there is more news than `seen`, or after `longest`.
  void wait_for_news(std::size_t seen, std::chrono::milliseconds longest);

private:
  struct Step {
    std::string id;
    std::vector<std::size_t> waits_for;
    bool begun = false;
    std::optional<bool> succeeded;
  };

  Turn turn_of(std::size_t position) const;
  Turn waits(const Step& step) const;
  bool has_a_place(std::size_t position) const;
  void stop_unlocked(const std::string& why);

  Pace pace_;
  std::vector<Step> steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string stopped_by_;
  std::size_t news_ = 0;
};

/// Who is under way together if all goes well and each takes as long: positions, step by step.
std::vector<std::vector<std::size_t>> steps(Operation operation, std::span<const Chosen> chosen,
                                            unsigned at_once);

} // namespace controller
