#pragma once

#include "actors/registry/RegistryClient.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace actors::registry {

/// A RegistrationResults (docs/protocol.md).
struct RegistrationResults {
  std::string epoch;
  std::uint64_t actors = 0;
  std::vector<RegistrationResult> results;
};

/// \param reply one JSON object. \param asked what was to be registered, one result for each. \throws
/// RegistryError where it is no RegistrationResults for them.
RegistrationResults read_registration_results(std::string_view reply, std::span<const ActorAddress> asked);

} // namespace actors::registry
