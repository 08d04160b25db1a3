#pragma once

#include "ssh/error.hpp"
#include "ssh/settings.hpp"
#include "ssh/stream.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ssh {

using Deadline = std::chrono::steady_clock::time_point;

/// A command for a remote host: an argument vector, quoted on its way (ssh/quoting).
struct Command {
  std::vector<std::string> arguments;
  std::string input; ///< given to its standard input, then closed
  /// Standard output as it comes, on the session's thread, in place of CommandResult::output; may be empty.
  std::function<void(std::string_view)> on_output = {};
  /// Asked about four times a second: true ends the command as at its deadline; may be empty.
  std::function<bool()> cancelled = {};
};

/// How a remote command ended.
struct CommandResult {
  enum class End { exited, signalled, timed_out } end = End::exited;
  int exit_status = 0; ///< where exited; -1: the server closed the channel without saying it
  std::string signal;  ///< where signalled, without SIG
  std::string output;  ///< standard output, at most `max_output` bytes
  std::string error_output;
  bool truncated = false; ///< more came than we keep
  bool begun = true;      ///< false, where timed_out: no channel was open in time, so nothing of it has run
};

/// By which keys two sides know each other, for people.
struct Trust {
  std::string host_key; ///< `ssh-ed25519 SHA256:…`
  std::string known_at; ///< `FILE:LINE` of known_hosts
  std::string own_key;  ///< a key file's path, `a key of the agent`, or `no key` where none was asked for
};

/// One authenticated SSH session. Stays on the thread that opened it. Move-only.
class Session {
public:
  static constexpr std::size_t max_output = 16u << 20; ///< bytes of each stream of a command
  static constexpr std::chrono::seconds lost_after{14};

  /// Takes a dialed socket, checks the host key strictly, authenticates (configured identities before the
  /// agent; never asks anything). \throws Error (host_key, authentication, busy, connect, lost, timed_out).
  static Session open(const Settings& settings, Stream stream, Deadline deadline);

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  [[nodiscard]] const Trust& trust() const noexcept;

  /// Runs the commands side by side, each on a channel of its own (at most 8 at a time, further ones follow),
  /// and returns their results in order. A command without an end by the deadline is `timed_out`: its channel
  /// is closed and what it began is left to the host. `finished(index, result)`, if given, is called as each
  /// ends. \throws Error (lost; busy: the server opens no channel at all) where the session itself broke;
  /// then it is of no further use. A cut link is noticed within `lost_after`.
  std::vector<CommandResult> run(std::span<const Command> commands, Deadline deadline,
                                 const std::function<void(std::size_t, const CommandResult&)>& finished = {});

  /// run() for one command.
  CommandResult run(const Command& command, Deadline deadline);

private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace ssh
