#pragma once

#include "actors/registry/RegistryClient.hpp"
#include "actors/registry/RegistryEvents.hpp"
#include "actors/registry/RegistryQuery.hpp"
#include "clients/cpp/src/connection.hpp"

#include <string_view>

namespace actors::registry {

/// Passes a reply of that type on. \throws RegistrationFailedError for a RegistrationFailed, RegistryError
/// naming the endpoint for an Error and for any other type.
Json expect_reply(Json reply, std::string_view message_type, const std::string& endpoint);

/// What it throws, for a reply of another type than was asked for.
[[noreturn]] void throw_refusal(const Json& reply, const std::string& endpoint);

FoundActor found_actor(const Json& json);
ActorEntry actor_entry(const Json& json);
ManagerEntry manager_entry(const Json& json);
RegistryStatus registry_status(const Json& json);
RegistryEvent registry_event(const Json& json);

/// As the wire has it; absent fields are left out.
Json process_json(const ProcessInfo& process);

} // namespace actors::registry
