#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "controller/fan_out.hpp"
#include "controller/registry_view.hpp"
#include "controller/targets.hpp"
#include "controller/verdict.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace controller {

/// What is known of one manager: both views and the verdict on them.
struct ManagerStatus {
  const config::Host* host = nullptr;
  const config::Manager* manager = nullptr;
  Judgement judgement;
  std::optional<UnitReading> unit;                     ///< absent where the host could not be asked
  std::optional<Failure> failure;                      ///< why it could not
  std::optional<actors::registry::ManagerEntry> entry; ///< what the registry had of it as it was judged
};

/// All of them, and what the registry said at the beginning.
struct Survey {
  RegistryView registry;
  std::vector<ManagerStatus> managers; ///< in the order chosen
};

/// Reads every chosen manager's unit, one session a host, and asks the registry meanwhile; then judges, and
/// where a host was slow asks the registry again before anybody is called silent or hung. A host that can't
/// be reached makes its own managers `unreachable` and nothing else.
Survey survey(const config::Config& config, std::span<const Chosen> chosen, const RegistryAccess& registry,
              const FanOutOptions& options);

} // namespace controller
