#include "cli/commands.hpp"

#include <array>

namespace cli {

std::span<const AddCommand> commands() {
  static constexpr std::array<AddCommand, 24> table = {
      add_status,       add_start,    add_stop,       add_restart,  add_reload, add_kill,
      add_reset_failed, add_enable,   add_disable,    add_logs,     add_lookup, add_actors,
      add_managers,     add_register, add_unregister, add_run,      add_events, add_supervise,
      add_hosts,        add_doctor,   add_deploy,     add_registry, add_config, add_completion,
  };
  return table;
}

} // namespace cli
