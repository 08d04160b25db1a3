#pragma once

#include "cli/child_process.hpp"

#include <sys/types.h>

#include <csignal>

namespace cli {

/// The signals that belong to a program which we run for somebody, taken one by one in place of their usual
/// effect: TERM, INT, HUP, QUIT, USR1, USR2, WINCH and CONT; and SIGCHLD, which is ours. From its making to
/// the end of the process, so that one which comes late changes no exit status. Made before there is a second
/// thread: threads are made with what is blocked.
class PassedSignals {
public:
  PassedSignals();

  /// What the program is to find.
  [[nodiscard]] const InheritedSignals& inherited() const noexcept { return inherited_; }

  /// Waits for the next one.
  siginfo_t next() const;

private:
  sigset_t ours_{};
  InheritedSignals inherited_;
};

/// Gives the signal to the child, unless the terminal gave it to our whole process group, and so to the
/// child: a second Ctrl-C means more to many programs.
void pass_on(const siginfo_t& signal, pid_t child);

/// SIGPIPE is ignored from now on, which a program that we start is not to find. Once, before there is a
/// second thread.
void ignore_broken_pipes();

} // namespace cli
