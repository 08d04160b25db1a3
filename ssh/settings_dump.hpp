#pragma once

#include "ssh/error.hpp"
#include "ssh/settings.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace ssh {

/// Reads what `ssh -G` printed for a query into settings, the query's overrides on top. Pure but for the
/// user's home and names that tokens of paths stand for. A setting that we can't honour is the Error.
std::variant<Settings, Error> settings_from_dump(const SettingsQuery& query, std::string_view dump);

/// OpenSSH's defaults, for a machine without an `ssh` program, the query's overrides on top.
std::variant<Settings, Error> default_settings(const SettingsQuery& query);

} // namespace ssh
