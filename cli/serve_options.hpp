#pragma once

#include "config/config.hpp"
#include "registry_core/server.hpp"

#include <string>
#include <vector>

namespace cli {

/// What `registry serve` is told on the command line, and by REGISTRY_ENDPOINT; it wins over the
/// configuration.
struct ServeCommand {
  std::vector<std::string> endpoints;
  std::string data_dir;
  bool in_memory = false;
};

/// With the registry's own defaults where the configuration says nothing.
config::Limits limits_in_force(const config::Limits& given);

/// The configuration with the command line's endpoints in the place of its own.
config::Config in_force(config::Config config, const ServeCommand& command);

/// What of the configuration may change while the registry runs, but for the clients that it trusts, who are
/// in a file of their own. Its warnings begin with the endpoints that are open to the network.
registry_core::ServerSettings server_settings(const config::Config& config);

/// All of it; without the callbacks, the registry's key and its clients.
registry_core::ServerOptions server_options(const config::Config& config, const ServeCommand& command);

/// Between two readings of the configuration, `KEY: OLD -> NEW` of what holds from now on.
std::vector<std::string> changes_in_force(const config::Config& before, const config::Config& after);

/// The keys that have changed and take effect only with a restart; not those that the command line overrules.
std::vector<std::string> changes_for_restart(const config::Config& before, const config::Config& after,
                                             const ServeCommand& command);

/// What holds after a reload: what was read, but for the keys that take a restart. They stay as they run, so
/// that the next reload compares with that too.
config::Config with_what_runs(config::Config read, const config::Config& running);

} // namespace cli
