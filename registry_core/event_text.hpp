#pragma once

#include "registry_core/event.hpp"
#include "registry_core/log_entry.hpp"

#include <string_view>

namespace registry_core {

/// As docs/protocol.md has it; "local_only" for that one.
std::string_view word_of(Event::Kind kind) noexcept;

/// How loudly the log says it.
LogLevel level_of(Event::Kind kind) noexcept;

/// What the log says of it. A tick is not for the log.
LogEntry log_entry_of(const Event& event);

} // namespace registry_core
