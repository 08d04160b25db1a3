#pragma once

#include "ssh/target.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "ssh/error.hpp"

namespace ssh {

class UnlockedKeys;

/// What our own configuration says for a host; it wins over ssh_config.
struct Overrides {
  std::optional<std::string> identity_file;
  std::optional<std::string> known_hosts;
  std::optional<std::string> proxy_jump;
};

/// The settings in force towards one host, as OpenSSH has them (`ssh -G`, see ssh_config(5)), ours on top.
struct Settings {
  std::string alias;    ///< the name as it was given
  std::string hostname; ///< the name or address to dial
  std::uint16_t port = 22;
  std::string user;
  std::vector<std::string> identity_files;    ///< existing or not, in order of trial, `~` expanded
  bool default_identities = false;            ///< the files are those that OpenSSH tries where none is set
  std::vector<std::string> certificate_files; ///< CertificateFile, in order; `~` expanded
  bool identities_only = false;
  std::string identity_agent; ///< a socket's path, "SSH_AUTH_SOCK", or "none"
  std::vector<std::string> user_known_hosts;
  std::vector<std::string> global_known_hosts;
  std::string revoked_host_keys;   ///< a file of keys that are never trusted, empty: none
  std::string host_key_alias;      ///< empty: look up hostname and port
  int address_family = 0;          ///< AF_UNSPEC, AF_INET or AF_INET6
  std::string host_key_algorithms; ///< comma lists, empty: libssh's own
  std::string kex_algorithms, ciphers, macs;
  std::string public_key_algorithms;                   ///< for our own keys (PubkeyAcceptedAlgorithms)
  int required_rsa_size = 0;                           ///< bits, 0: libssh's own
  std::optional<std::chrono::seconds> connect_timeout; ///< ConnectTimeout; absent: not set
  std::string proxy_command;      ///< to be run instead of a TCP connection, its tokens not expanded
  std::string proxy_jump;         ///< jump hosts not looked up yet; effective_settings leaves none
  std::vector<Settings> jumps;    ///< the jump hosts in the order of the way, each without jumps of its own
  bool hash_known_hosts = false;  ///< new lines of known_hosts hide the host's name
  std::vector<std::string> notes; ///< what the user should know (no ssh program: defaults)
  std::shared_ptr<const UnlockedKeys> unlocked_keys; ///< of files with a passphrase; null: none
};

/// How long one `ssh -G` may take (a `Match exec` of the user's ssh_config runs in it).
inline constexpr std::chrono::milliseconds settings_timeout{5000};

/// One question for effective_settings.
struct SettingsQuery {
  Target target;
  Overrides overrides;
  bool through_a_jump = false; ///< the way is given: ssh_config's ProxyJump and ProxyCommand don't count
};

/// Asks `ssh -G` for every host (see alike_hosts.hpp) side by side, then for the jump hosts: a host's first
/// may have jump hosts of its own in ssh_config, as OpenSSH has it. A setting that changes whom we trust or
/// reach and that we can't honour is that host's Error (class settings), and so is an `ssh -G` that fails or
/// does not end within `settings_timeout`. Never throws for a host's sake. Results in the order of queries.
std::vector<std::variant<Settings, Error>> effective_settings(std::span<const SettingsQuery> queries);

} // namespace ssh
