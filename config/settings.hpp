#pragma once

#include "config/config.hpp"
#include "config/places.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace config {

/// A key, the value that is in force for it, and who says so.
struct Setting {
  enum class Source : std::uint8_t {
    built_in, ///< the file does not speak of it
    file,
    defaults, ///< the file's `defaults`, for all hosts
  };

  KeyPath path;
  /// As the file may say it, names and endpoints in full; null where there is none.
  nlohmann::ordered_json value;
  Source source = Source::built_in;
  std::optional<Places::Place> place; ///< of the key, where the source is the file
};

/// Every key of the file but `defaults` and `$schema`, in the order of its manual, for each of its hosts and
/// managers; those that have neither a value nor a default are left out (`description`). No secret: of a
/// manager's environment the names alone. \param places of the text that the configuration was read from.
std::vector<Setting> settings(const Config& config, const Places& places);

} // namespace config
