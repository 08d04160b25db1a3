#pragma once

#include "cli/context.hpp"
#include "controller/fan_out.hpp"
#include "controller/targets.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// The command line is wrong in a way that only the command can see.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Adds `MANAGER...`, `--host`, `--all` and `--exclude`.
void add_selection(CLI::App& command, controller::Selection& selection);

/// Adds `--parallel`.
void add_parallel(CLI::App& command, unsigned& parallel);

/// The fan-out of a command: its width, and nothing new once the user asked to stop.
controller::FanOutOptions fan_out_options(unsigned parallel);

/// The managers chosen from the configuration, which must have some. \throws NoSuchName, config errors,
/// UsageError. \param bare an option that was given and whose value may be left out, `--watch`: a number that
/// names no manager was most likely to be its value. Empty: none.
std::vector<controller::Chosen> choose(Context& context, const controller::Selection& selection,
                                       std::string_view bare = {});

/// The same for a command that changes something, which must be told which. \throws also UsageError for none.
std::vector<controller::Chosen> choose_for_change(Context& context, const controller::Selection& selection,
                                                  std::string_view verb, std::string_view bare = {});

} // namespace cli
