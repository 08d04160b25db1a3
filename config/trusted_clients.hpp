#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// Whom the registry trusts, and with what. Each list holds globs; an absent one allows everything, an empty
/// one nothing.
struct TrustedClient {
  std::string name;
  std::string key; ///< its public key, Z85
  std::optional<std::vector<std::string>> register_names;
  std::optional<std::vector<std::string>> look_up;
  std::optional<std::vector<std::string>> unregister; ///< absent: as register_names
  std::optional<std::vector<std::string>> list;
  std::optional<std::vector<std::string>> managers; ///< ids that it may speak for

  bool operator==(const TrustedClient&) const = default;
};

/// Parses `{"clients": {"NAME": {"key": "Z85", "register": ["Order*"], "lookup": […], "unregister": […],
/// "list": […], "managers": […]}}}`; comments may stand in it. Names and keys are there once. `path` is only
/// named in errors. \throws Error with every fault.
std::vector<TrustedClient> parse_clients(std::string_view text, const std::string& path);

/// Reads and parses a file. \throws Error, or std::system_error where it can't be read.
std::vector<TrustedClient> load_clients(const std::string& path);

/// The same as text that parse_clients reads.
std::string text_of(const std::vector<TrustedClient>& clients);

} // namespace config
