#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace systemd_units {

/// How a program of this machine ended, and what it said on standard error (the first 64 KiB).
struct ProgramEnd {
  int wait_status = 0; ///< as waitpid(2) has it
  std::string error_output;
};

/// What is done with a program that nobody wants any more and that does not end at SIGTERM.
enum class Unwilling {
  awaited, ///< it knows why
  killed,  ///< a second later; one that even that does not end, since it waits for a disk, is left to itself
};

/// Runs a program (found in PATH, no shell) with that standard input and gives what it writes to `output` as
/// it comes, on the calling thread. \param cancelled asked about four times a second; true: the program is
/// ended, or left to itself where it is root's and we are not. \throws std::system_error where it can't be
/// started.
ProgramEnd run_program(const std::vector<std::string>& arguments,
                       const std::function<void(std::string_view)>& output,
                       const std::function<bool()>& cancelled, std::string_view input = {},
                       Unwilling unwilling = Unwilling::awaited);

} // namespace systemd_units
