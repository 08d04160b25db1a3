#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

namespace cli {

/// What a program that we start is to find as we found it, though we need it otherwise ourselves.
struct InheritedSignals {
  sigset_t blocked{};
  struct sigaction child {};       ///< what became of SIGCHLD
  struct sigaction broken_pipe {}; ///< of SIGPIPE
};

/// A program that was given to us to run. It is forked at once and held, so that its process id is known
/// before it begins. It stays in our process group, with our descriptors, and never outlives us: it is killed
/// (SIGKILL) when the thread that made it ends. Wait, release and end from one thread, except where said.
class ChildProcess {
public:
  /// Forks; to be called before there is a second thread. \param words what to run and its arguments, at
  /// least one; found in PATH as execvp(3) does. \param environment NAME=VALUE. \throws std::system_error.
  ChildProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment,
               const InheritedSignals& inherited);
  /// Kills it where it has not ended.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }

  /// Lets it become the program, or end without having been it. Once, on any thread.
  void release() noexcept;
  void give_up() noexcept;

  enum class State { running, stopped, ended };
  /// What it is now. Never waits.
  State look();
  /// As waitpid(2) has it, once it has ended.
  [[nodiscard]] int wait_status() const noexcept { return wait_status_; }
  /// Why it could not become the program: an errno; 0: it could. Once it has ended.
  [[nodiscard]] int error() const noexcept { return error_; }

private:
  pid_t id_ = 0;
  State state_ = State::running;
  int wait_status_ = 0;
  int error_ = 0;
  int go_ = -1;      ///< where a byte lets it go on, and the end of file end
  int failure_ = -1; ///< where it says why it could not go on
};

} // namespace cli
