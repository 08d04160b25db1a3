#pragma once

#include "actors/registry/RegistryQuery.hpp"

#include <string>

namespace actors::registry {

/// The calling process, as far as it knows: host name, pid, systemd's unit and $INVOCATION_ID, this library.
ProcessInfo own_process();

/// The service or scope that /proc/PID/cgroup's text names (cgroups(7)); none where it names none.
std::optional<std::string> unit_in_cgroup(const std::string& text);

/// Random enough that no two lives of a manager share it.
std::string random_instance();

} // namespace actors::registry
