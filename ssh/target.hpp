#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssh {

/// Where a user says a host is: `user@host[:port]`, `host`, `[2001:db8::1]:22`.
struct Target {
  std::optional<std::string> user;
  std::string host; ///< name, alias of ssh_config or address (IPv6 without its brackets)
  std::optional<std::uint16_t> port;
};

/// Parses a target. A host or user that `ssh` would take for an option (leading '-'), control characters,
/// white space, an empty part or a port out of 1..65535 are refused. \throws std::invalid_argument saying
/// what is wrong with it.
Target parse_target(std::string_view text);

/// One hop of a ProxyJump: a target, or `ssh://` before one. \throws std::invalid_argument.
Target parse_jump_host(std::string_view text);

} // namespace ssh
