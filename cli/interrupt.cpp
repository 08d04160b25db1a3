#include "cli/interrupt.hpp"

#include <unistd.h>

#include <csignal>

namespace cli {
namespace {

volatile std::sig_atomic_t first_signal = 0;

void take(int signal) {
  if (first_signal != 0) ::_exit(128 + signal);
  first_signal = signal;
}

} // namespace

void count_interrupts() {
  struct sigaction action {};
  action.sa_handler = take;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept {
  return first_signal != 0;
}

int interrupt_exit_code() noexcept {
  return first_signal == 0 ? 0 : 128 + first_signal;
}

} // namespace cli
