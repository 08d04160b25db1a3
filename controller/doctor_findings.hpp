#pragma once

#include "config/config.hpp"
#include "controller/doctor_probes.hpp"
#include "controller/finding.hpp"
#include "ssh/session.hpp"
#include "ssh/settings.hpp"
#include "systemd_units/unit_state.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

/// What doctor makes of what it saw. Pure.
namespace controller::findings {

/// The SSH settings in force, and what is to be known about them.
std::vector<Finding> of_settings(const config::Host& host, const ssh::Settings& settings);

/// That it was reached, and by which keys.
std::vector<Finding> of_keys(const config::Host& host, const ssh::Trust& trust);

/// A failure that ended the work with a host, at the check that it failed in.
Finding of_failure(const config::Host& host, const Failure& failure);

Finding of_version(const config::Host& host, const std::string& version);

/// \param asked, answered this machine's clock around the question, since 1970.
Finding of_clock(const config::Host& host, const probes::HostClock& theirs, std::chrono::nanoseconds asked,
                 std::chrono::nanoseconds answered);

/// One manager's unit: nothing where all is well. \param needs may be null: not to be asked.
std::vector<Finding> of_unit(const config::Host& host, const config::Manager& manager,
                             const systemd_units::UnitState& unit, const probes::Needs* needs,
                             std::span<const probes::Presence> presence);
/// What to look for on the host for of_unit, in its order.
std::vector<probes::Thing> things_of(const probes::Needs& needs);

/// Whether the host's managers may be started, stopped and restarted: one finding where it is the same of
/// all, else one a manager. \param sudo empty: there is no sudo.
std::vector<Finding> of_rights(const config::Host& host, const probes::Who& who,
                               std::span<const probes::SudoRights> sudo);

/// Whether the managers there reach the registry. \param reach one for each address.
std::vector<Finding> of_reach(const config::Host& host, std::span<const probes::Address> addresses,
                              std::span<const probes::Reach> reach);
/// The same for an address that means another machine there than here.
Finding of_own_address(const config::Host& host, const std::string& endpoint);

} // namespace controller::findings
