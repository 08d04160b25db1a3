#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What doctor asks of a host, as argument vectors, and how it reads the answers. What varies is an argument
/// of the shell's, never part of its script. Nothing here changes anything. Pure; readers take any bytes and
/// \throws std::invalid_argument for what is no answer.
namespace controller::probes {

using Arguments = std::vector<std::string>;

/// That host's clock.
Arguments clock_command();
struct HostClock {
  std::chrono::nanoseconds since_1970{};
  std::chrono::nanoseconds precision{}; ///< it is this much later at most
};
HostClock read_clock(std::string_view output);

/// Who we are there and what may give us rights.
Arguments who_command(std::span<const std::string> units);
struct Who {
  bool is_root = false;
  std::string user;
  bool has_polkit = false;
  bool rules_readable = false; ///< polkit's own and the administrator's
  /// By unit: the first place, `FILE:LINE`, where a rule names it; empty: none that can be read.
  std::vector<std::string> rules;
};
Who read_who(std::string_view output, std::size_t units);

/// Whether sudo lets us start, stop and restart each unit without a password, in that order.
Arguments sudo_command(std::span<const std::string> units);
struct SudoRights {
  bool start = false, stop = false, restart = false;
};
/// Nothing where there is no sudo.
std::vector<SudoRights> read_sudo(std::string_view output, std::size_t units);

/// What of the units must be there for a start.
Arguments needs_command(std::span<const std::string> units);
struct Needs {
  bool may_be_started = true;        ///< CanStart: by hand, that is
  std::string user;                  ///< empty: root, or one that systemd makes
  std::vector<std::string> programs; ///< of ExecStartPre and ExecStart, absolute paths
  std::vector<std::string> files;    ///< EnvironmentFile
  std::string folder;                ///< WorkingDirectory, empty: any
};
std::vector<Needs> read_needs(std::string_view output, std::size_t units);

/// Whether such things are there.
struct Thing {
  enum class Kind { program, file, folder, user } kind = Kind::program;
  std::string name;
};
std::string_view to_string(Thing::Kind kind);
enum class Presence { there, missing, unusable, unknown };
Arguments presence_command(std::span<const Thing> things);
std::vector<Presence> read_presence(std::string_view output, std::size_t things);

/// Whether a TCP connection from that host comes about: by bash, python3 or nc, whichever is there.
struct Address {
  std::string host; ///< IPv6 without brackets
  std::string port;
};
/// nullopt for an endpoint that is not tcp://HOST:PORT.
std::optional<Address> tcp_address(std::string_view endpoint);
/// Whether it names the machine that uses it, whichever that is.
bool is_own_address(const Address& address);
inline constexpr std::chrono::seconds reach_timeout{3}; ///< for each address
Arguments reach_command(std::span<const Address> addresses);
struct Reach {
  enum class End { reached, failed, no_program } end = End::no_program;
  std::string problem; ///< where failed
};
std::vector<Reach> read_reach(std::string_view output, std::size_t addresses);

} // namespace controller::probes
