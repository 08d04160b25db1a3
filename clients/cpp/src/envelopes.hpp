#pragma once

#include "actors/registry/Message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace actors::registry {

/// As a text for the wire. \throws RegistryError where the message is no JSON object, or a text is no UTF-8.
std::string envelope_text(const Envelope& envelope);

/// None where it is no envelope with a receiver, a message type and a message.
std::optional<Envelope> parse_envelope(std::string_view text);

} // namespace actors::registry
