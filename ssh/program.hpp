#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ssh {

/// What a local program said and how it ended.
struct ProgramResult {
  enum class End { exited, killed, timed_out, not_found, not_started } end = End::not_started;
  int exit_status = 0; ///< where exited
  std::string output;
  std::string error_output;
  std::string problem; ///< where not_started
};

/// Runs programs side by side (found in PATH, no shell, standard input empty) and returns how each ended, in
/// order. One that does not end within `limit` of its start is killed. What a program left running holds
/// nobody up: its own end counts. \throws std::system_error where poll(2) fails.
std::vector<ProgramResult> run_programs(std::span<const std::vector<std::string>> command_lines,
                                        std::chrono::milliseconds limit);

} // namespace ssh
