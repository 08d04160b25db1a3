#pragma once

#include "systemd_units/systemctl.hpp"

#include <span>
#include <string_view>

namespace systemd_units {

/// True where systemd queues a job for it, that has an end; the others are done when they are answered.
bool has_job(Verb verb);

/// The phrases by which systemctl itself says that a right is missing, LC_ALL=C: letters, blanks and dots.
std::span<const std::string_view> refusals_by_systemd();

} // namespace systemd_units
