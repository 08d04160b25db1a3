#pragma once

#include <string>
#include <string_view>

namespace actors::registry {

/// Appends the text as a JSON string. \throws RegistryError where it is no UTF-8.
void append_text(std::string& out, std::string_view text);

/// `{"actor_name": …, "actor_endpoint": …}`, as a RegisterActors has them. \throws RegistryError.
std::string address_text(std::string_view actor_name, std::string_view actor_endpoint);

/// \throws RegistryError.
std::string lookup_text(std::string_view actor_name);

} // namespace actors::registry
