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

/// The order that `after` gives to the managers of one change: a start waits for those it is after, a stop
/// for those that are after it. Only chosen managers count, and none is added. Any thread.
class Sequence {
public:
  Sequence(Operation operation, std::span<const Chosen> chosen);

  /// Whether anybody waits for anybody.
  [[nodiscard]] bool orders_any() const;

  enum class Turn {
    now,   ///< nobody is left to wait for
    later, ///< somebody is still at work
    never, ///< somebody it waits for did not succeed
  };
  Turn turn(std::size_t position);
  /// Why it is never its turn: the id of the manager that did not succeed.
  std::string blocked_by(std::size_t position);

  void finished(std::size_t position, bool succeeded);

  /// How many have finished so far; to be asked before turn().
  std::size_t news();
  /// Returns when more than `seen` have finished, or after `longest`.
  void wait_for_news(std::size_t seen, std::chrono::milliseconds longest);

private:
  struct Step {
    std::string id;
    std::vector<std::size_t> waits_for;
    std::optional<bool> succeeded;
  };

  std::vector<Step> steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t news_ = 0;
};

} // namespace controller
