#include "cli/progress.hpp"

#include "cli/standard_error.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace cli {
namespace {

constexpr std::chrono::milliseconds not_worth_a_word{500};
constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::size_t usual_width = 80;
constexpr std::size_t widest_line = 250; ///< nobody reads more in one line

/// One column is left free: a full line has the cursor in the next one on some terminals.
std::size_t columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return std::min<std::size_t>(known ? size.ws_col : usual_width, widest_line) - 1;
}

/// Not while a shell, or another of its jobs, has the terminal.
bool in_foreground() {
  const auto group = ::tcgetpgrp(STDERR_FILENO);
  return group < 0 || group == ::getpgrp();
}

/// Signals are handled by the threads that were there before.
std::thread without_signals(auto work) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

} // namespace

bool Progress::is_for_people() {
  const char* terminal = std::getenv("TERM"); // NOLINT(concurrency-mt-unsafe): nobody sets the environment
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

void Progress::begin(ProgressLine line) {
  line_.emplace(std::move(line));
  thread_ = without_signals([this] { run(); });
}

Progress::~Progress() {
  if (!line_) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
  erase_live_line();
}

controller::ProgressObserver Progress::observer() {
  if (!line_) return {};
  return [this](const controller::ProgressStep& step) {
    const std::lock_guard lock(mutex_);
    line_->take(step, ProgressLine::Clock::now());
  };
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  auto pause = not_worth_a_word;
  while (!changed_.wait_for(lock, std::exchange(pause, between_drawings), [this] { return ending_; })) {
    const auto [text, width] = line_->text(ProgressLine::Clock::now(), columns());
    if (in_foreground()) show_live_line(text, width);
  }
}

} // namespace cli
