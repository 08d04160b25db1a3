#pragma once

#include "controller/announcements.hpp"
#include "controller/host_link.hpp"
#include "controller/manager_change.hpp"
#include "controller/registry_watch.hpp"

#include <vector>

namespace controller {

using Changes = std::vector<ManagerChange*>;

/// Those that have no outcome yet.
Changes unfinished(const Changes& changes);

/// Takes managers of one host through their change together: reads, makes the jobs side by side, waits. All
/// have an outcome when it returns. \param registry null where nobody has to be heard. \param announcements
/// null where nothing is to be announced. \throws HostError; those that had an outcome before keep it.
void run_batch(HostLink& link, const Changes& changes, const ChangeOptions& options, RegistryWatch* registry,
               Announcements* announcements);

} // namespace controller
