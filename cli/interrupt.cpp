#include "cli/interrupt.hpp"

#include "cli/standard_error.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace cli {
namespace {

volatile std::sig_atomic_t first_signal = 0;
std::atomic<bool> asked_to_reload = false;

void write_error(std::string_view words) {
  const int error = errno;
  erase_live_line_in_handler();
  (void)!::write(STDERR_FILENO, words.data(), words.size());
  errno = error;
}

void take(int signal) {
  if (first_signal != 0) {
    write_error("actorsctl: left at once; the hosts go on with what was under way\n");
    ::_exit(128 + signal);
  }
  first_signal = signal;
  write_error("actorsctl: finishing what is under way and beginning nothing new; once more ends at once\n");
}

void on_interrupt(void (*handler)(int)) {
  on_signal(SIGINT, handler);
  on_signal(SIGTERM, handler);
}

} // namespace

void on_signal(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

void note_reloads() {
  on_signal(SIGHUP, [](int) { asked_to_reload = true; });
}

bool take_reload() noexcept {
  return asked_to_reload.exchange(false);
}

void count_interrupts() {
  on_interrupt(take);
}

void end_on_interrupt() {
  on_interrupt([](int signal) { ::_exit(128 + signal); });
}

bool interrupted() noexcept {
  return first_signal != 0;
}

int interrupt_exit_code() noexcept {
  return first_signal == 0 ? 0 : 128 + first_signal;
}

} // namespace cli
