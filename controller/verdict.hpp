#pragma once

#include "controller/hearing.hpp"
#include "controller/registry_view.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace controller {

/// One word for a manager, from what systemd says and what the registry hears.
enum class Verdict {
  unreachable,
  missing,
  masked,
  broken,
  stopping,
  restarting,
  foreign,
  failed,
  stopped,
  starting,
  healthy,
  unverified,
  hung,
  silent,
};

std::string_view to_string(Verdict verdict);

/// A verdict with the words behind it.
struct Judgement {
  Verdict verdict = Verdict::unreachable;
  std::string detail;
};

/// The first verdict that fits. \param heartbeats false: the manager never speaks to the registry.
Judgement judge(const UnitReading& unit, const RegistryView& registry, const std::string& manager_id,
                bool heartbeats, std::chrono::duration<double> heartbeat_timeout);

} // namespace controller
