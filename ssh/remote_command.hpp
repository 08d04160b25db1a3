#pragma once

#include "ssh/connection.hpp"
#include "ssh/session.hpp"

#include <libssh/callbacks.h>

#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace ssh {

/// One command on a channel of its own. It only ever does what can be done now; the session waits. Stays
/// where it is: libssh calls it back. For the sources of ssh/ alone.
class RemoteCommand {
public:
  /// Where it stands after a step. `refused`: the server opened no channel (its MaxSessions, for one);
  /// nothing has run, and another try is a new RemoteCommand.
  enum class Progress { going, done, refused, broken };

  RemoteCommand(const Connection& connection, const Command& command);
  RemoteCommand(const RemoteCommand&) = delete;
  RemoteCommand& operator=(const RemoteCommand&) = delete;
  ~RemoteCommand();

  /// Goes on as far as it can without waiting.
  Progress step();

  /// The result so far. Where the command has not said its end, it is timed_out.
  CommandResult take_result();

private:
  enum class Stage { opening, requesting, running };

  Progress open();
  Progress request();
  Progress feed();
  static int on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_error,
                     void* self) noexcept;
  static void on_status(ssh_session, ssh_channel, int status, void* self) noexcept;
  static void on_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                        void* self) noexcept;
  static void on_close(ssh_session, ssh_channel, void* self) noexcept;
  void keep(std::string& stream, const char* data, std::size_t size);

  const Connection& connection_;
  std::string line_;
  std::string input_;
  std::function<void(std::string_view)> on_output_;
  std::size_t written_ = 0;
  bool eof_sent_ = false;
  Stage stage_ = Stage::opening;
  CommandResult result_;
  bool ended_ = false;         ///< the command's end was told
  bool closed_ = false;        ///< and nothing more comes
  std::exception_ptr failure_; ///< of a callback's
  ssh_channel_callbacks_struct callbacks_{};
  ChannelHandle channel_;
};

} // namespace ssh
