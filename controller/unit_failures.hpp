#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "systemd_units/bus.hpp"
#include "systemd_units/systemctl.hpp"
#include "systemd_units/unit_state.hpp"

#include <optional>
#include <span>
#include <string>

namespace controller {

/// What is wrong with a unit before anything is done: missing, masked, or not to be loaded.
std::optional<Failure> unloadable(const systemd_units::UnitState& state);

/// A unit that goes by another name than the configuration's: the journal, and the rights to it, know its own
/// name alone.
std::optional<Failure> named_by_alias(const systemd_units::UnitState& state, const config::Manager& manager);

/// A oneshot is not there to send heartbeats: started, it would never be heard.
std::optional<Failure> oneshot_with_heartbeats(const systemd_units::UnitState& state,
                                               const config::Manager& manager);

/// What gives a user of a host the right to make these calls, for people: `deploy`, where that grants them,
/// and what to write by hand.
std::string how_to_grant(const config::Host& host, const std::string& user,
                         std::span<const systemd_units::Request> requests, const std::string& unit);

/// The right to do that with the unit is missing; the hint says what would grant exactly it. Also where
/// another unit's was refused and this one was not begun for it.
Failure no_right_to(const systemd_units::Request& request, const config::Host& host, const std::string& unit,
                    const systemd_units::ChangeResult& refusal);

/// systemd was not asked for that unit's change in time.
Failure not_asked(const std::string& unit, const systemd_units::ChangeResult& result);

/// A failed change in a word or two: `unreachable` where nobody came as far as the host, as `status` has it.
std::string result_word(const Failure& failure);

/// A job that failed, with systemd's reason. \param message what systemctl or the bus said, for where systemd
/// has no better reason.
Failure job_failure(const systemd_units::UnitState& state, const std::string& message);

/// A unit that was started and did not stay what it was.
Failure did_not_stay_up(const systemd_units::UnitState& state);

} // namespace controller
