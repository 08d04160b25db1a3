#pragma once

#include "cli/context.hpp"
#include "controller/change.hpp"

#include <string_view>

namespace cli {

/// Prints what came of a change, table or JSON, and on standard error what went wrong. Returns the exit code.
int print_outcomes(Context& context, std::string_view operation, const controller::ChangeReport& report);

} // namespace cli
