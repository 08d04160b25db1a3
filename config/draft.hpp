#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace config {

/// A manager and where the values stand that are checked against the rest of the file.
struct DraftManager {
  Manager manager;
  std::size_t at = 0; ///< of its id
  std::size_t service_at = 0;
  std::vector<std::pair<std::string, std::size_t>> after;
};

struct DraftHost {
  Host host;
  std::vector<DraftManager> managers;
};

/// The file while it is read.
struct Draft {
  Config config;
  DraftHost defaults; ///< its name and managers are empty
  std::vector<DraftHost> hosts;
  std::size_t registry_endpoint_at = 0;
  std::size_t heartbeat_times_at = 0;
  std::size_t metrics_endpoint_at = 0;
};

/// Reads every key there is. Faults go to the reader.
Draft read_keys(Reader& reader, const Node& document);

/// Reads `hosts.NAME.managers` (the table of manager_keys.cpp).
void read_managers(Reader& reader, const Node& node, DraftHost& into);

// What `deploy` writes a manager's unit from (deploy_keys.cpp).
void read_exec(Reader& reader, const Node& node, DraftManager& into);
void read_environment(Reader& reader, const Node& node, DraftManager& into);
void read_resources(Reader& reader, const Node& node, DraftManager& into);

/// The rules that hold between keys: ids and services unique, `after` without cycles, times that fit each
/// other.
void check_whole(Reader& reader, const Draft& draft);

/// What is no fault but will not work as it stands.
std::vector<Note> warnings_of(const Draft& draft);

} // namespace config
