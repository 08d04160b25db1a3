#pragma once

#include "systemd_units/bus.hpp"

#include <systemd/sd-bus.h>

namespace systemd_units {

/// Passes sd-bus' results through, and throws for its own failures, which say nothing about a unit. \throws
/// BusError.
int checked(int result, const char* what);

/// Reads the properties of a unit: a message at an array of names and variants, the reply to GetAll.
/// \throws BusError, or std::invalid_argument where a property is not what systemd documents.
UnitState read_properties(sd_bus_message* message);

/// Reads an object's path, which lives as long as the message. \throws BusError.
const char* read_path(sd_bus_message* message);

} // namespace systemd_units
