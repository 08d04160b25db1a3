#pragma once

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace cli {

/// Has the help of the program and of each command show an option's value as it is given (`--parallel N`, and
/// `--watch[=SECONDS]` where it may be left out), and say at its end where to read on. Before and after the
/// commands are added.
void use_own_help(CLI::App& program);
void end_help_with_the_manual(CLI::App& program);

/// The type name of an option whose value may be left out: `[=SECONDS]`.
std::string may_be_left_out(std::string_view value);

} // namespace cli
