#pragma once

#include <string>
#include <string_view>

namespace systemd_units {

/// A service's full unit name by systemd's own rules (systemd.unit(5): at most 255 bytes, the characters
/// `[A-Za-z0-9:_.\\-]` and one `@` before the instance); `.service` is added where no unit suffix stands. A
/// template without its instance, another unit type, or a glob is refused.
/// \throws std::invalid_argument saying what is wrong with it.
std::string service_unit_name(std::string_view text);

} // namespace systemd_units
