#pragma once

#include "registry_core/server.hpp"

#include <string>

namespace registry_core {

/// How loudly the log says it.
LogLevel level_of(const Event& event) noexcept;

/// A line of the log, without its end.
std::string text_of(const Event& event);

} // namespace registry_core
