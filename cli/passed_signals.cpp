#include "cli/passed_signals.hpp"

#include <unistd.h>

#include <cerrno>

namespace cli {
namespace {

struct sigaction broken_pipe_before {};

} // namespace

PassedSignals::PassedSignals() {
  sigemptyset(&ours_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGCHLD})
    sigaddset(&ours_, signal);
  ::sigprocmask(SIG_BLOCK, &ours_, &inherited_.blocked);
  // Whoever ignores SIGCHLD is told of no child's end, and such a parent may have left us so.
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigemptyset(&usual.sa_mask);
  ::sigaction(SIGCHLD, &usual, &inherited_.child);
  inherited_.broken_pipe = broken_pipe_before;
}

siginfo_t PassedSignals::next() const {
  siginfo_t signal{};
  while (::sigwaitinfo(&ours_, &signal) < 0 && errno == EINTR) {
  }
  return signal;
}

void pass_on(const siginfo_t& signal, pid_t child) {
  const bool has_it = signal.si_code == SI_KERNEL && ::getpgid(child) == ::getpgrp();
  if (!has_it) ::kill(child, signal.si_signo);
}

void ignore_broken_pipes() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  ::sigaction(SIGPIPE, &ignore, &broken_pipe_before);
}

} // namespace cli
