#pragma once

#include "systemd_units/unit_state.hpp"

#include <span>
#include <string_view>

namespace systemd_units {

/// The names of the properties that a UnitState is made of (org.freedesktop.systemd1(5)).
std::span<const std::string_view> property_names();

/// Sets one from its value as `systemctl show` prints it. Others' names are passed over.
/// \throws std::invalid_argument where the value is not of the property's kind.
void set_property(UnitState& state, std::string_view name, std::string_view value);

} // namespace systemd_units
