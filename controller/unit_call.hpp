#pragma once

#include "controller/change.hpp"
#include "controller/hearing.hpp"
#include "systemd_units/bus.hpp"
#include "systemd_units/systemctl.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace controller {

using systemd_units::Verb;

/// A signal's name as systemd_units::Request has it, from any that people use; nullopt: there is none.
std::optional<std::string> signal_name(std::string_view text);

/// How units are reloaded, signalled, reset, enabled or disabled.
struct UnitCallOptions {
  std::optional<std::chrono::duration<double>> timeout; ///< in place of the reload's own, or 30 s
  FanOutOptions fan_out;
};

/// Makes one call for each chosen manager's unit, hosts side by side, one session a host, and looks at the
/// units before and after: what had nothing to do says so, and what systemd accepted without effect is a
/// failure. \param request any verb but start, stop and restart, which change() verifies.
ChangeReport call_units(const systemd_units::Request& request, std::span<const Chosen> chosen,
                        const UnitCallOptions& options);

/// The two halves of it, for one manager. Pure.
/// What is known before the call: nothing to do, or nothing to do it with. nullopt: the call is to be made.
std::optional<Outcome> outcome_before(const systemd_units::Request& request, const Chosen& chosen,
                                      const systemd_units::UnitState& unit);
/// What came of it.
Outcome outcome_after(const systemd_units::Request& request, const Chosen& chosen,
                      const systemd_units::UnitState& before, const systemd_units::ChangeResult& result,
                      const systemd_units::UnitState& after);

} // namespace controller
