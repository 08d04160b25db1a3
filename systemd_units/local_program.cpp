#include "systemd_units/local_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace systemd_units {
namespace {

constexpr std::size_t most_error_output = 64u << 10;
constexpr int between_looks_ms = 250;
constexpr int between_reaps_ms = 10;
constexpr std::chrono::seconds until_it_has_ended{1};

[[noreturn]] void fail(int error_number, const char* what) {
  throw std::system_error(error_number, std::generic_category(), what);
}

/// Both ends of a pipe, closed with it.
struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno, "pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  void close_writer() { ::close(std::exchange(ends[1], -1)); }

  std::array<int, 2> ends{-1, -1};
};

/// A file in memory that is read from its beginning; not made where there is nothing to read.
class Input {
public:
  explicit Input(std::string_view bytes) {
    if (bytes.empty()) return;
    fd_ = ::memfd_create("input", MFD_CLOEXEC);
    if (fd_ < 0) fail(errno, "memfd_create");
    for (std::size_t done = 0; done < bytes.size();) {
      const auto written = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        ::close(fd_);
        fail(errno, "memfd");
      }
      done += static_cast<std::size_t>(written);
    }
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

private:
  int fd_ = -1;
};

struct ActionsDestroy {
  void operator()(posix_spawn_file_actions_t* actions) const { ::posix_spawn_file_actions_destroy(actions); }
};

pid_t spawn(const std::vector<std::string>& arguments, const Input& input, const Pipe& output,
            const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) fail(error, "posix_spawn");
  const std::unique_ptr<posix_spawn_file_actions_t, ActionsDestroy> owner(&actions);
  if (input.fd() < 0)
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  else
    ::posix_spawn_file_actions_adddup2(&actions, input.fd(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors.ends[1], STDERR_FILENO);
  std::vector<char*> words;
  for (const auto& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str())); // NOLINT: execve(2) does not write there
  words.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, words.front(), &actions, nullptr, words.data(), environ);
      error != 0)
    fail(error, arguments.front().c_str());
  return child;
}

/// One read; false at the end.
bool take(int fd, const std::function<void(std::string_view)>& taker) {
  std::array<char, 65536> piece{};
  const auto size = ::read(fd, piece.data(), piece.size());
  if (size < 0) return errno == EINTR || errno == EAGAIN;
  if (size > 0) taker({piece.data(), static_cast<std::size_t>(size)});
  return size > 0;
}

/// Ends it, should anything be thrown while it runs, and reaps it.
class Child {
public:
  Child(pid_t id, Unwilling unwilling) : id_(id), unwilling_(unwilling) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ > 0) (void)end();
  }

  /// Its wait status, as if it had ended where it is left to itself.
  int end() {
    const auto left = [this] {
      id_ = 0;
      return SIGTERM;
    };
    if (::kill(id_, SIGTERM) != 0 && errno == EPERM) return left(); // not ours to end: sudo is root's
    if (unwilling_ == Unwilling::awaited) return reap();
    if (const auto status = reap_within(until_it_has_ended)) return *status;
    ::kill(id_, SIGKILL);
    const auto status = reap_within(until_it_has_ended);
    return status ? *status : left();
  }

  int reap() {
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

private:
  std::optional<int> reap_within(std::chrono::milliseconds longest) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    for (int status = 0; std::chrono::steady_clock::now() < deadline; ::poll(nullptr, 0, between_reaps_ms))
      if (::waitpid(id_, &status, WNOHANG) != 0) {
        id_ = 0;
        return status;
      }
    return std::nullopt;
  }

  pid_t id_;
  Unwilling unwilling_;
};

} // namespace

ProgramEnd run_program(const std::vector<std::string>& arguments,
                       const std::function<void(std::string_view)>& output,
                       const std::function<bool()>& cancelled, std::string_view input, Unwilling unwilling) {
  const Input given(input);
  Pipe out;
  Pipe errors;
  Child child(spawn(arguments, given, out, errors), unwilling);
  out.close_writer();
  errors.close_writer();
  ProgramEnd result;
  const auto keep = [&](std::string_view piece) {
    result.error_output.append(piece.substr(0, most_error_output - result.error_output.size()));
  };
  std::array<pollfd, 2> polled{{{out.ends[0], POLLIN, 0}, {errors.ends[0], POLLIN, 0}}};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    if (::poll(polled.data(), polled.size(), between_looks_ms) < 0 && errno != EINTR) fail(errno, "poll");
    if (polled[0].fd >= 0 && polled[0].revents != 0 && !take(polled[0].fd, output)) polled[0].fd = -1;
    if (polled[1].fd >= 0 && polled[1].revents != 0 && !take(polled[1].fd, keep)) polled[1].fd = -1;
    if (cancelled && cancelled()) {
      result.wait_status = child.end();
      return result;
    }
  }
  result.wait_status = child.reap();
  return result;
}

} // namespace systemd_units
