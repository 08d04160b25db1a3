#pragma once

#include "registry_core/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace registry_core {

/// `actor/NAME`, `manager/ID` or `registry/tick`: what listeners subscribe to.
std::string topic_of(const Event& event);

/// The event as docs/protocol.md has it. \param time nanoseconds since 1970, UTC.
std::string event_message(const Event& event, std::string_view run, std::string_view epoch,
                          std::int64_t time);

} // namespace registry_core
