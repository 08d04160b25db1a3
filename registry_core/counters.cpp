#include "registry_core/counters.hpp"

namespace registry_core {

namespace {

/// In the order of protocol::Request.
constexpr std::array<std::string_view, std::variant_size_v<protocol::Request>> request_names = {
    "request.refused",    "request.RegisterActor",  "request.UnregisterActor", "request.LookupActor",
    "request.Heartbeat",  "request.RegisterActors", "request.LookupActors",    "request.UnregisterManager",
    "request.ListActors", "request.ListManagers",   "request.RegistryInfo",    "request.ExpectOffline",
};

/// In the order of protocol::ErrorCode.
constexpr std::array<std::string_view, protocol::error_codes> error_names = {
    "error.bad_json",  "error.unknown_type", "error.missing_field",  "error.invalid_field",
    "error.too_large", "error.limit",        "error.not_authorized", "error.unavailable",
    "error.taken",     "error.superseded",
};

/// In the order of Refusals.
constexpr std::array<std::string_view, refusal_kinds> refusal_names = {
    "refused.key", "refused.address", "refused.connections", "refused.handshake", "refused.messages",
};

} // namespace

void Counters::count_reply(const protocol::Reply& reply) noexcept {
  if (const auto* error = std::get_if<protocol::Error>(&reply)) {
    ++errors_[static_cast<std::size_t>(error->code)];
  } else if (const auto* failed = std::get_if<protocol::RegistrationFailed>(&reply)) {
    ++errors_[static_cast<std::size_t>(failed->code)];
  } else if (const auto* batch = std::get_if<protocol::RegistrationResults>(&reply)) {
    for (const auto& result : batch->results) {
      if (!result.ok) ++errors_[static_cast<std::size_t>(result.code)];
    }
  }
}

std::vector<protocol::Count> Counters::list() const {
  std::vector<protocol::Count> counts;
  for (std::size_t i = 0; i < requests_.size(); ++i)
    counts.push_back({request_names[i], requests_[i]});
  for (std::size_t i = 0; i < errors_.size(); ++i)
    counts.push_back({error_names[i], errors_[i]});
  for (std::size_t i = 0; i < refused_.size(); ++i)
    counts.push_back({refusal_names.at(i), refused_.at(i)});
  counts.push_back({"dropped_replies", dropped_replies_});
  counts.push_back({"stalls", stalls_});
  return counts;
}

} // namespace registry_core
