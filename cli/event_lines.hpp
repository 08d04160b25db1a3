#pragma once

#include "actors/registry/RegistryEvents.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"

#include <string>
#include <string_view>

namespace cli {

/// `TIME  EVENT  WHAT`, with a line's end: `2026-01-02T03:04:05.678Z  offline  manager M, expected: REASON`.
std::string event_line(const actors::registry::RegistryEvent& event, bool colours);

/// The event's own fields; those that it does not have are left out.
Json event_json(const actors::registry::RegistryEvent& event);

/// `lost`, `restarted`, `silent`, `heard`: what a listener may have missed, in a word.
std::string_view gap_word(actors::registry::ListAgain::Why why);

/// The same for people.
std::string_view gap_text(actors::registry::ListAgain::Why why);

} // namespace cli
