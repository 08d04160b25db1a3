#pragma once

#include "cli/context.hpp"

#include <CLI/App.hpp>

#include <span>

namespace cli {

/// Puts one command with its options under `parent`; when it is chosen, parsing sets Context::run.
using AddCommand = void (*)(CLI::App& parent, Context& context);

void add_registry(CLI::App& parent, Context& context);
void add_registry_serve(CLI::App& parent, Context& context);
void add_registry_keygen(CLI::App& parent, Context& context);
void add_registry_trust(CLI::App& parent, Context& context);
void add_registry_revoke(CLI::App& parent, Context& context);
void add_registry_status(CLI::App& parent, Context& context);
void add_lookup(CLI::App& parent, Context& context);
void add_actors(CLI::App& parent, Context& context);
void add_managers(CLI::App& parent, Context& context);
void add_register(CLI::App& parent, Context& context);
void add_unregister(CLI::App& parent, Context& context);
void add_run(CLI::App& parent, Context& context);
void add_events(CLI::App& parent, Context& context);
void add_status(CLI::App& parent, Context& context);
void add_start(CLI::App& parent, Context& context);
void add_stop(CLI::App& parent, Context& context);
void add_restart(CLI::App& parent, Context& context);
void add_reload(CLI::App& parent, Context& context);
void add_kill(CLI::App& parent, Context& context);
void add_reset_failed(CLI::App& parent, Context& context);
void add_enable(CLI::App& parent, Context& context);
void add_disable(CLI::App& parent, Context& context);
void add_logs(CLI::App& parent, Context& context);
void add_supervise(CLI::App& parent, Context& context);
void add_hosts(CLI::App& parent, Context& context);
void add_hosts_trust(CLI::App& parent, Context& context);
void add_doctor(CLI::App& parent, Context& context);
void add_deploy(CLI::App& parent, Context& context);
void add_config(CLI::App& parent, Context& context);
void add_config_check(CLI::App& parent, Context& context);
void add_config_show(CLI::App& parent, Context& context);
void add_config_schema(CLI::App& parent, Context& context);
void add_config_init(CLI::App& parent, Context& context);
void add_completion(CLI::App& parent, Context& context);

/// The table of top-level commands, in the order in which `--help` shows them.
std::span<const AddCommand> commands();

} // namespace cli
