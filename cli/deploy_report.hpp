#pragma once

#include "cli/context.hpp"
#include "controller/deploy.hpp"

#include <string>
#include <vector>

namespace cli {

/// What would change, for people: a unified diff of each file, its hosts named. Empty where nothing would.
std::string deploy_differences(const std::vector<controller::HostDeployment>& deployments, bool colours);

/// Prints what there is to do (`dry_run`) or what came of it, complains about failures, and gives the exit
/// code.
int print_deployments(Context& context, const std::vector<controller::HostDeployment>& deployments,
                      bool dry_run);

} // namespace cli
