#pragma once

#include <string_view>

namespace config {

/// The file's JSON Schema (2020-12): config/registry.schema.json, as it is. It refuses nothing that parse()
/// takes, and knows every key; what holds between keys, and what a rule of another folder says of a value,
/// parse() alone sees.
std::string_view schema();

/// Where an installation has it, as a URI for the file's `$schema`.
std::string_view schema_uri();

} // namespace config
