#include "registry_core/protocol/messages.hpp"

namespace protocol {

std::string_view name_of(ErrorCode code) noexcept {
  switch (code) {
  case ErrorCode::bad_json: return "bad_json";
  case ErrorCode::unknown_type: return "unknown_type";
  case ErrorCode::missing_field: return "missing_field";
  case ErrorCode::invalid_field: return "invalid_field";
  case ErrorCode::too_large: return "too_large";
  case ErrorCode::limit: return "limit";
  case ErrorCode::not_authorized: return "not_authorized";
  case ErrorCode::unavailable: return "unavailable";
  case ErrorCode::taken: return "taken";
  case ErrorCode::superseded: return "superseded";
  }
  return "unknown";
}

Reply reply_to(const Refusal& refusal) {
  if (refusal.is_registration) return RegistrationFailed{refusal.actor_name, refusal.error, refusal.code};
  return Error{refusal.code, refusal.error};
}

} // namespace protocol
