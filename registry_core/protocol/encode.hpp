#pragma once

#include "registry_core/protocol/messages.hpp"

#include <string>
#include <string_view>

namespace protocol {

/// Writes a reply as one JSON object in place of what `out` held; its room is used again. Every string in the
/// reply must be well-formed UTF-8, as whatever was decoded is.
void encode(const Reply& reply, const RequestId& request_id, std::string& out);

/// The reply's `message_type`.
std::string_view type_of(const Reply& reply);

} // namespace protocol
