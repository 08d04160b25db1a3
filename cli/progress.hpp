#pragma once

#include "cli/context.hpp"
#include "cli/progress_line.hpp"
#include "controller/progress.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

namespace cli {

/// A live line on standard error while a command is at work: how many are done, who waits for what, and how
/// long already. Only on a terminal that we are in the foreground of and whose cursor can go back (TERM is
/// not dumb), and not for what takes half a second at most. Erased when its life ends, which is to be before
/// what came of the work is printed.
class Progress {
public:
  /// \param counted hosts, or chosen managers
  template<typename Counted>
  Progress(std::string_view verb, const Counted& counted) {
    if (is_for_people())
      begin(ProgressLine(std::string(verb), std::span(counted), ProgressLine::Clock::now()));
  }
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// What is to be told of each step; empty where nothing is shown. Not to outlive this.
  [[nodiscard]] controller::ProgressObserver observer();

private:
  static bool is_for_people();
  void begin(ProgressLine line);
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::optional<ProgressLine> line_;
  std::thread thread_;
};

} // namespace cli
