#pragma once

#include "actors/registry/RegistryQuery.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace controller {

using Clock = std::chrono::steady_clock;

/// What the registry said at one moment: who it hears. A value.
struct RegistryView {
  bool reachable = false;
  bool timed_out = false;             ///< not reachable since nobody answered
  std::chrono::milliseconds waited{}; ///< how long an answer was waited for at most
  std::string error;                  ///< why not reachable
  std::chrono::duration<double> uptime{};
  Clock::time_point asked; ///< this machine's clock just before the question
  std::map<std::string, actors::registry::ManagerEntry> managers;

  /// Nullptr where the registry never heard of it.
  [[nodiscard]] const actors::registry::ManagerEntry* find(const std::string& manager_id) const;
};

/// Where the registry is, how long an answer may take, and by which keys it is asked.
struct RegistryAccess {
  std::vector<std::string> endpoints;
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  actors::registry::CurveKeys keys = {};
};

/// Asks once. Never throws: what went wrong is in the view. \param cancelled true ends it early, as if there
/// were no answer; may be empty.
RegistryView read_registry(const RegistryAccess& access, const std::function<bool()>& cancelled = {});

} // namespace controller
