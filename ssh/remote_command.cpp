#include "ssh/remote_command.hpp"

#include "ssh/quoting.hpp"

#include <algorithm>
#include <new>

namespace ssh {

RemoteCommand::RemoteCommand(const Connection& connection, const Command& command)
    : connection_(connection), line_(quote_command(command.arguments)), input_(command.input),
      on_output_(command.on_output), channel_(ssh_channel_new(connection.get())) {
  if (!channel_) throw std::bad_alloc();
  callbacks_.userdata = this;
  callbacks_.channel_data_function = on_data;
  callbacks_.channel_exit_status_function = on_status;
  callbacks_.channel_exit_signal_function = on_signal;
  callbacks_.channel_close_function = on_close;
  ssh_callbacks_init(&callbacks_);
  if (ssh_set_channel_callbacks(channel_.get(), &callbacks_) != SSH_OK) throw std::bad_alloc();
}

RemoteCommand::~RemoteCommand() {
  // The channel itself lives on in the session until the server closes it, too.
  (void)ssh_remove_channel_callbacks(channel_.get(), &callbacks_);
}

RemoteCommand::Progress RemoteCommand::step() {
  auto progress = Progress::going;
  if (stage_ == Stage::opening) progress = open();
  if (stage_ == Stage::requesting) progress = request();
  if (stage_ == Stage::running) progress = feed();
  if (failure_) std::rethrow_exception(failure_);
  return progress;
}

RemoteCommand::Progress RemoteCommand::open() {
  const int result = ssh_channel_open_session(channel_.get());
  if (result == SSH_AGAIN) return Progress::going;
  if (result != SSH_OK) return connection_.alive() ? Progress::refused : Progress::broken;
  stage_ = Stage::requesting;
  return Progress::going;
}

RemoteCommand::Progress RemoteCommand::request() {
  const int result = ssh_channel_request_exec(channel_.get(), line_.c_str());
  if (result == SSH_AGAIN) return Progress::going;
  if (result == SSH_OK) {
    stage_ = Stage::running;
    return Progress::going;
  }
  if (!connection_.alive()) return Progress::broken;
  ended_ = true;
  result_.exit_status = -1;
  result_.error_output = "the server refuses to run a command";
  return Progress::done;
}

RemoteCommand::Progress RemoteCommand::feed() {
  if (closed_) return Progress::done;
  if (!connection_.alive()) return Progress::broken;
  if (eof_sent_) return Progress::going;
  constexpr std::size_t piece = 65536;
  while (written_ < input_.size()) {
    const auto size =
        std::min({piece, input_.size() - written_, std::size_t{ssh_channel_window_size(channel_.get())}});
    if (size == 0) return Progress::going;
    const int written =
        ssh_channel_write(channel_.get(), input_.data() + written_, static_cast<std::uint32_t>(size));
    if (closed_) return Progress::done; // libssh reads while it writes
    if (written < 0) return connection_.alive() ? Progress::going : Progress::broken;
    if (written == 0) return Progress::going;
    written_ += static_cast<std::size_t>(written);
  }
  eof_sent_ = ssh_channel_send_eof(channel_.get()) == SSH_OK;
  return closed_ ? Progress::done : Progress::going;
}

CommandResult RemoteCommand::take_result() {
  if (!ended_) {
    result_.end = closed_ ? CommandResult::End::exited : CommandResult::End::timed_out;
    result_.exit_status = -1;
    result_.begun = stage_ != Stage::opening;
  }
  return std::move(result_);
}

void RemoteCommand::keep(std::string& stream, const char* data, std::size_t size) {
  const auto room = Session::max_output - stream.size();
  if (size > room) result_.truncated = true;
  stream.append(data, std::min(size, room));
}

int RemoteCommand::on_data(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_error,
                           void* self) noexcept {
  auto& command = *static_cast<RemoteCommand*>(self);
  auto& stream = is_error != 0 ? command.result_.error_output : command.result_.output;
  try {
    const auto* const bytes = static_cast<const char*>(data);
    if (is_error == 0 && command.on_output_)
      command.on_output_({bytes, size});
    else
      command.keep(stream, bytes, size);
  } catch (...) {
    command.failure_ = std::current_exception(); // none may pass through libssh
  }
  return static_cast<int>(size);
}

void RemoteCommand::on_status(ssh_session, ssh_channel, int status, void* self) noexcept {
  auto& command = *static_cast<RemoteCommand*>(self);
  command.ended_ = true;
  command.result_.end = CommandResult::End::exited;
  command.result_.exit_status = status;
}

void RemoteCommand::on_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*,
                              void* self) noexcept {
  auto& command = *static_cast<RemoteCommand*>(self);
  command.ended_ = true;
  command.result_.end = CommandResult::End::signalled;
  try {
    command.result_.signal = one_line(signal == nullptr ? "" : signal);
  } catch (...) {
    command.failure_ = std::current_exception();
  }
}

void RemoteCommand::on_close(ssh_session, ssh_channel, void* self) noexcept {
  static_cast<RemoteCommand*>(self)->closed_ = true;
}

} // namespace ssh
