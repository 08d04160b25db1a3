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

/// Where the parts of `security` stand. The values are in the configuration.
struct DraftSecurity {
  std::size_t curve_at = 0;
  bool has_curve = false;
  bool has_endpoints = false;
  std::vector<std::size_t> endpoints_at; ///< of each of curve.endpoints
  std::vector<std::size_t> allow_at;     ///< of each of allow
};

/// The file while it is read.
struct Draft {
  Config config;
  DraftHost defaults; ///< its name and managers are empty
  std::vector<DraftHost> hosts;
  std::size_t registry_endpoint_at = 0;
  std::size_t registry_connect_at = 0;
  std::size_t heartbeat_times_at = 0;
  std::size_t metrics_endpoint_at = 0;
  std::size_t actor_endpoint_at = 0;
  std::size_t events_endpoint_at = 0;
  DraftSecurity security;
};

/// Reads every key there is. Faults go to the reader.
Draft read_keys(Reader& reader, const Node& document);

/// Reads `hosts.NAME.managers` (the table of manager_keys.cpp).
void read_managers(Reader& reader, const Node& node, DraftHost& into);

// What `deploy` writes a manager's unit from (deploy_keys.cpp).
void read_exec(Reader& reader, const Node& node, DraftManager& into);
void read_environment(Reader& reader, const Node& node, DraftManager& into);
void read_resources(Reader& reader, const Node& node, DraftManager& into);

/// Reads `security` (the tables of security_keys.cpp).
void read_security(Reader& reader, const Node& node, Draft& into);

/// The rules of `security` that hold between its keys and with the endpoints.
void check_security(Reader& reader, const Draft& draft);

/// The endpoints that are open to the network, as what is to be said of each.
std::vector<Note> exposed_of(const Draft& draft);

/// The rules that hold between keys: ids and services unique, `after` without cycles, times that fit each
/// other.
void check_whole(Reader& reader, const Draft& draft);

/// What is no fault but will not work as it stands.
std::vector<Note> warnings_of(const Draft& draft);

} // namespace config
