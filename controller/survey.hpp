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
  std::optional<UnitReading> unit; ///< absent where the host could not be asked
  std::optional<Failure> failure;  ///< why it could not
};

/// All of them, with the registry's view that the verdicts rest on.
struct Survey {
  RegistryView registry;
  std::vector<ManagerStatus> managers; ///< in the order chosen
};

/// Reads every chosen manager's unit, one session a host, and asks the registry meanwhile; then judges. A
/// host that can't be reached makes its own managers `unreachable` and nothing else.
Survey survey(const config::Config& config, std::span<const Chosen> chosen, const RegistryAccess& registry,
              const FanOutOptions& options);

} // namespace controller
