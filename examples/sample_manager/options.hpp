#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sample_manager {

struct ActorOption {
  std::string name;
  std::string endpoint;
};

struct Options {
  std::string manager_id;
  std::string registry;
  std::vector<ActorOption> actors;
  std::optional<std::chrono::milliseconds> die_after;
  int exit_status = 1; ///< of the death that die_after brings
  bool silent = false; ///< never speaks to the registry
  bool help = false;
};

extern const char* const usage;

/// Reads the command line, then $MANAGER_ID and $REGISTRY_ENDPOINT for what it left out.
/// \throws std::invalid_argument naming the option that is wrong or missing.
Options parse_options(int argc, char** argv);

} // namespace sample_manager
