#pragma once

#include "controller/change.hpp"
#include "controller/failure.hpp"
#include "controller/verdict.hpp"

#include <span>

namespace cli {

/// What a script can rely on.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,        ///< failed on some target
  exit_usage = 2,         ///< the command line is wrong
  exit_no_such_name = 3,  ///< a name was given that fits nothing; nothing was done
  exit_offline = 4,       ///< known, but offline or not running
  exit_unheard = 5,       ///< not heard or still running at the deadline, or the registry is unreachable
  exit_configuration = 6, ///< the configuration is wrong
  exit_host = 7,          ///< a host is unreachable or refused
  exit_own_fault =
      125, ///< `run`, where a command's exit codes are its program's: it did not begin, or was given up
  exit_not_runnable = 126, ///< `run`: there is such a program, and it can't be run
  exit_not_found = 127,    ///< `run`: there is none
  exit_interrupted = 130,  ///< INT; TERM is 143
};

ExitCode exit_code(controller::FailureClass failure_class);
ExitCode exit_code(controller::Verdict verdict);
ExitCode exit_code(const controller::Outcome& outcome);

/// Several targets: the first of 7, 1, 5, 4, 0 that one of them has.
ExitCode worst(std::span<const ExitCode> codes);

} // namespace cli
