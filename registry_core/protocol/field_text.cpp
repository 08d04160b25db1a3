#include "registry_core/protocol/field_text.hpp"

namespace protocol {

Refusal invalid_field(std::string_view field, std::string_view expected) {
  return {ErrorCode::invalid_field, std::string(field).append(": expected ").append(expected), false, {}};
}

Refusal missing_field(std::string_view field, std::string_view expected) {
  return {ErrorCode::missing_field,
          std::string(field).append(": missing; expected ").append(expected),
          false,
          {}};
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 64;
  if (text.size() <= longest) return std::string(text);
  std::size_t length = longest;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    --length;
  return std::string(text.substr(0, length)) + "...";
}

} // namespace protocol
