#pragma once

#include "cli/context.hpp"
#include "controller/targets.hpp"

#include <CLI/App.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Adds `--dry-run`.
void add_dry_run(CLI::App& command, bool& dry_run);

/// Prints what would be asked of which host, in which order, without asking any. \param options what stands
/// between verb and unit, with a blank in front. \param steps positions in `chosen`, those that would be
/// under way together. Returns the exit code.
int print_plan(Context& context, std::string_view verb, const std::string& options,
               const std::vector<controller::Chosen>& chosen,
               const std::vector<std::vector<std::size_t>>& steps);

} // namespace cli
