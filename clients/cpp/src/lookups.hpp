#pragma once

#include "actors/registry/RegistryQuery.hpp"
#include "clients/cpp/src/connection.hpp"

#include <functional>
#include <string>
#include <vector>

namespace actors::registry {

/// Looks many names up in as few requests as hold them, in their order. \param ask gives the LookupResults to
/// a LookupActors. \throws RegistryError, Json::exception, what `ask` throws.
std::vector<FoundActor> look_up_many(const std::vector<std::string>& actor_names,
                                     const std::function<Json(std::string)>& ask);

} // namespace actors::registry
