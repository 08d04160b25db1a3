#include "ssh/proxy_program.hpp"

#include "ssh/connection.hpp"
#include "ssh/path_tokens.hpp"
#include "ssh/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <string>
#include <system_error>

// glibc 2.36's header does not say itself that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace ssh {

namespace {

constexpr std::size_t most_said = 4096;
constexpr int end_soon_ms = 100; // after its socket was closed, or a signal
constexpr int end_at_last_ms = 1000;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Takes what a program says on its standard error: as much as fits, and no reader is needed.
UniqueFd make_notepad() {
  UniqueFd pad(::memfd_create("proxy_command", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!pad || ::ftruncate(pad.get(), most_said) != 0 ||
      ::fcntl(pad.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0)
    fail("memfd_create");
  return pad;
}

class ProxyProgram : public Tunnel {
public:
  ProxyProgram(std::string command, UniqueFd theirs) : command_(std::move(command)), said_(make_notepad()) {
    FileActions actions;
    ::posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), 1);
    ::posix_spawn_file_actions_adddup2(actions.get(), said_.get(), 2);
    const Attributes attributes(true);
    std::string shell = "sh", option = "-c", line = "exec " + command_;
    std::array<char*, 4> arguments{shell.data(), option.data(), line.data(), nullptr};
    const int error =
        ::posix_spawn(&pid_, "/bin/sh", actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) throw std::system_error(error, std::generic_category(), "/bin/sh");
    exit_ = UniqueFd(::pidfd_open(pid_, 0));
    if (!exit_) {
      const int why = errno;
      end();
      throw std::system_error(why, std::generic_category(), "pidfd_open");
    }
  }
  ~ProxyProgram() override { end(); }

  std::optional<Error> failure() override {
    const std::lock_guard lock(mutex_);
    const bool ended = ended_within(end_soon_ms);
    const auto said = last_line();
    if (ended && status_ == 0 && said.empty()) return std::nullopt;
    auto what = "ProxyCommand \"" + one_line(command_) + "\" ";
    what += ended ? how() : "closed the connection";
    return Error(ErrorClass::connect, said.empty() ? what : what + ": " + said);
  }

private:
  [[nodiscard]] std::string how() const {
    if (WIFSIGNALED(status_)) return "was ended by signal " + std::to_string(WTERMSIG(status_));
    return "ended with " + std::to_string(WEXITSTATUS(status_));
  }

  bool ended_within(int milliseconds) {
    if (pid_ < 0) return true;
    pollfd exit{exit_.get(), POLLIN, 0};
    if (::poll(&exit, 1, milliseconds) <= 0) return false;
    reap();
    return true;
  }

  void reap() {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

  /// What it began may live in its group for longer than itself.
  void end() noexcept {
    if (pid_ < 0) return;
    const pid_t group = pid_;
    (void)::kill(-group, SIGHUP);
    if (exit_) {
      pollfd exit{exit_.get(), POLLIN, 0};
      (void)::poll(&exit, 1, end_at_last_ms);
    }
    (void)::kill(-group, SIGKILL);
    reap();
  }

  [[nodiscard]] std::string last_line() const {
    std::array<char, most_said> bytes{};
    const auto size = ::pread(said_.get(), bytes.data(), bytes.size(), 0);
    std::string_view text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    text = text.substr(0, std::min(text.find('\0'), text.size()));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
      text.remove_suffix(1);
    const auto before = text.rfind('\n');
    return one_line(before == std::string_view::npos ? text : text.substr(before + 1));
  }

  std::mutex mutex_;
  std::string command_;
  UniqueFd said_, exit_;
  pid_t pid_ = -1;
  int status_ = 0;
};

} // namespace

Stream start_proxy_program(const Settings& settings) {
  auto command = expand_command(settings.proxy_command, settings);
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail("socketpair");
  UniqueFd ours(pair[0]), theirs(pair[1]);
  (void)::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  return {std::move(ours), std::make_shared<ProxyProgram>(std::move(command), std::move(theirs))};
}

} // namespace ssh
