#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace config {

/// How a command gets the right to control units on a host.
enum class Privilege { automatic, none, sudo };

/// What is done when a name's owner is silent and another manager registers it.
enum class Takeover { offline, never };

/// When supervision restarts a manager that hangs.
struct RestartPolicy {
  double delay_s = 5; ///< from when it is found offline to the first restart; doubled with each further one
  double max_delay_s = 300; ///< and no more than this
  unsigned per_hour = 6;    ///< restarts in any hour
};

/// What a manager's unit may use at most; absent: as its unit has it by itself.
struct Resources {
  std::optional<std::string> memory_max;    ///< `512M` (K, M, G, T of 1024; bytes without), or `infinity`
  std::optional<std::string> cpu_quota;     ///< `150%`: of one processor's time
  std::optional<std::int64_t> tasks_max;    ///< processes and threads
  std::optional<std::int64_t> limit_nofile; ///< open descriptors
  std::optional<std::string> limit_memlock; ///< memory that may be locked, as memory_max
  std::optional<int> nice;                  ///< -20, the most of the processor, to 19

  bool operator==(const Resources&) const = default;
};

/// One manager: a systemd service on a host.
struct Manager {
  std::string id;
  std::string host;    ///< the key in hosts
  std::string service; ///< a validated unit name, `.service` always present
  std::string language;
  std::string description;
  bool heartbeats = true; ///< false: it never speaks to the registry
  std::vector<std::string> after;
  std::optional<RestartPolicy> restart_on_timeout; ///< absent: supervision leaves it alone

  // What `deploy` writes its unit from.
  std::vector<std::string> exec; ///< an absolute path and arguments; empty: the unit is somebody else's
  std::string user;              ///< empty: one that systemd makes when it starts
  std::vector<std::pair<std::string, std::string>> environment; ///< in the order of the file
  Resources resources;
};

/// One host and how it is reached.
struct Host {
  std::string name;
  std::string ssh; ///< `user@host[:port]`; empty: this machine
  std::optional<std::string> identity_file;
  std::optional<std::string> known_hosts;
  std::optional<std::string> proxy_jump;
  std::optional<double> connect_timeout_s; ///< absent: as ssh_config has it, else 10
  double command_timeout_s = 30;
  Privilege privilege = Privilege::automatic;
  /// Whom `deploy` logs in as: `user@host[:port]`, or `user@` at the host of `ssh`; absent: as `ssh`.
  std::optional<std::string> deploy_ssh;
  std::vector<Manager> managers; ///< in the order of the file

  [[nodiscard]] bool is_local() const { return ssh.empty(); }
};

/// How much of everything the registry takes; its own defaults where the file says nothing.
struct Limits {
  std::optional<std::uint64_t> message_bytes, names, managers, actors_per_manager, peer_queue,
      push_connections, connections, peer_connections, peer_messages_s;

  bool operator==(const Limits&) const = default;
};

enum class Durability : std::uint8_t { normal, full };

/// Networks that may reach an endpoint.
struct AllowedNetworks {
  std::string endpoint;
  std::vector<std::string> networks;

  bool operator==(const AllowedNetworks&) const = default;
};

/// Who may speak to the registry (docs/security.md).
struct Security {
  bool curve_everywhere = false; ///< at every endpoint but loopback and ipc ones
  std::vector<std::string> curve_endpoints;
  std::string key_file;     ///< the registry's own certificate; empty: there is none
  std::string clients_file; ///< whom it trusts; empty: there is none
  std::vector<AllowedNetworks> allow;
  bool require = false; ///< an endpoint that is open to the network is a fault

  // What this machine's commands are towards the registry.
  std::string client_server_key; ///< the registry's public key (Z85), or a certificate's file; empty: plain
  std::string client_key_file;   ///< their own certificate

  bool operator==(const Security&) const = default;
};

/// The whole file as values, defaults filled in.
struct Config {
  std::string path; ///< empty where no file was read
  std::vector<std::string> registry_endpoint = {"tcp://127.0.0.1:5555"};
  std::vector<std::string> registry_connect;
  std::string actor_endpoint;   ///< empty: there is none
  std::string events_endpoint;  ///< empty: there is none
  std::string metrics_endpoint; ///< `HOST:PORT`; empty: there is none
  double heartbeat_timeout_s = 6.0;
  double heartbeat_check_interval_s = 1.0;
  std::string data_dir = "/var/lib/actors"; ///< empty: state is in memory
  Durability durability = Durability::normal;
  Takeover takeover = Takeover::offline;
  std::optional<double> forget_offline_after_s;
  std::optional<double> mass_timeout_guard; ///< a share of the managers, from 0 to 1
  double guard_max_s = 60;
  Limits limits;
  Security security;
  std::vector<std::string> reply_networks;
  double settle_s = 3;
  std::vector<Host> hosts; ///< in the order of the file

  /// Keys that the file sets and that this version checks but does not act upon yet, with where:
  /// `FILE:LINE:COLUMN: KEY`.
  std::vector<std::string> not_in_force;
  /// What is no fault but will not work as it stands: `FILE:LINE:COLUMN: KEY: MESSAGE`.
  std::vector<std::string> warnings;
  /// Endpoints that whoever reaches them may use as he likes: `FILE:LINE:COLUMN: KEY: MESSAGE`. \sa
  /// open_endpoints
  std::vector<std::string> exposed;

  /// Nullptr where there is none of that id.
  [[nodiscard]] const Manager* find_manager(std::string_view id) const;
  [[nodiscard]] const Host* find_host(std::string_view name) const;
};

/// An endpoint of the registry's, and the key that names it.
struct NamedEndpoint {
  const char* key;
  std::string endpoint;
};

/// Where the registry binds for peers: registry_endpoint, actor_endpoint and events_endpoint.
std::vector<NamedEndpoint> bound_endpoints(const Config& config);

/// Whether what is bound there speaks CURVE.
bool is_curve(const Security& security, std::string_view endpoint);

/// Of the bound endpoints, those that anybody on the network may use: neither loopback nor ipc, without CURVE
/// and without an allow list.
std::vector<NamedEndpoint> open_endpoints(const Config& config);

/// What is to be said of such an endpoint.
std::string why_exposed(std::string_view endpoint);

} // namespace config
