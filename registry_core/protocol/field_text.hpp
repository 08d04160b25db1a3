#pragma once

#include "registry_core/protocol/messages.hpp"

#include <charconv>
#include <string>
#include <string_view>

/// How the decoder reads and refuses single values.
namespace protocol {

/// "FIELD: expected …", with the code invalid_field.
Refusal invalid_field(std::string_view field, std::string_view expected);
/// "FIELD: missing; expected …", with the code missing_field.
Refusal missing_field(std::string_view field, std::string_view expected);

/// What a peer sent, short enough to be sent back in a sentence.
std::string excerpt(std::string_view text);

/// \returns false where it does not fit, or is followed by something.
template<typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size();
}

inline constexpr std::string_view a_name = "a string of 1 to 255 bytes without control characters";
inline constexpr std::string_view a_manager_id =
    "a string of 1 to 255 bytes without control characters and / * ? [";
inline constexpr std::string_view an_endpoint =
    "an endpoint that others can connect to: tcp://host:port, tcp://[IPv6]:port or ipc://path";

} // namespace protocol
