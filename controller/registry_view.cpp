#include "controller/registry_view.hpp"

#include <exception>
#include <utility>

namespace controller {

const actors::registry::ManagerEntry* RegistryView::find(const std::string& manager_id) const {
  const auto found = managers.find(manager_id);
  return found == managers.end() ? nullptr : &found->second;
}

RegistryView read_registry(const RegistryAccess& access, const std::function<bool()>& cancelled) {
  RegistryView view;
  view.waited = access.timeout;
  view.asked = Clock::now();
  try {
    actors::registry::RegistryQuery query(access.endpoints, access.timeout, access.keys);
    query.cancel_when(cancelled);
    view.uptime = std::chrono::duration<double>(query.info().uptime_s);
    view.asked = Clock::now();
    for (auto& manager : query.list_managers()) {
      auto id = manager.manager_id;
      view.managers.emplace(std::move(id), std::move(manager));
    }
    view.reachable = true;
  } catch (const actors::registry::TimeoutError& error) {
    view.timed_out = true;
    view.error = error.what();
  } catch (const std::exception& error) {
    view.error = error.what();
  }
  return view;
}

} // namespace controller
