#include "ssh/program.hpp"

#include "ssh/spawn.hpp"
#include "ssh/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <system_error>

// glibc 2.36's header does not say itself that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace ssh {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t side_by_side = 32;
constexpr std::size_t longest_output = 1u << 20;

struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    read = UniqueFd(fds[0]);
    write = UniqueFd(fds[1]);
    (void)::fcntl(read.get(), F_SETFL, O_NONBLOCK);
  }
};

/// A program that runs. Killed and waited for where it is let go early.
class Program {
public:
  Program(const std::vector<std::string>& command_line, Clock::time_point deadline) : deadline_(deadline) {
    Pipe output, error_output;
    FileActions actions;
    ::posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), output.write.get(), 1);
    ::posix_spawn_file_actions_adddup2(actions.get(), error_output.write.get(), 2);
    std::vector<char*> arguments;
    for (const auto& argument : command_line)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const Attributes attributes;
    const int error =
        ::posix_spawnp(&pid_, arguments[0], actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) throw std::system_error(error, std::generic_category(), command_line[0]);
    exit_ = UniqueFd(::pidfd_open(pid_, 0));
    if (!exit_) {
      const auto why = errno;
      stop();
      throw std::system_error(why, std::generic_category(), "pidfd_open");
    }
    output_ = std::move(output.read);
    error_output_ = std::move(error_output.read);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { stop(); }

  /// Takes in what it says; a result where it has ended or its time is over.
  std::optional<ProgramResult> advance() {
    // Asked before the pipes are emptied, so that all it said is there.
    pollfd state{exit_.get(), POLLIN, 0};
    const bool ended = ::poll(&state, 1, 0) > 0;
    drain(output_, result_.output);
    drain(error_output_, result_.error_output);
    if (ended) {
      int status = 0;
      (void)::waitpid(pid_, &status, 0);
      pid_ = -1;
      result_.end = WIFEXITED(status) ? ProgramResult::End::exited : ProgramResult::End::killed;
      result_.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      return std::move(result_);
    }
    if (Clock::now() < deadline_) return std::nullopt;
    result_.end = ProgramResult::End::timed_out;
    return std::move(result_);
  }

  void add_polls(std::vector<pollfd>& polls) const {
    for (const auto* fd : {&exit_, &output_, &error_output_}) {
      if (*fd) polls.push_back({fd->get(), POLLIN, 0});
    }
  }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }

private:
  static void drain(UniqueFd& fd, std::string& text) {
    std::array<char, 16384> piece{};
    while (fd) {
      const auto size = ::read(fd.get(), piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) {
        fd = UniqueFd();
        return;
      }
      const auto room = longest_output - std::min(longest_output, text.size());
      text.append(piece.data(), std::min(room, static_cast<std::size_t>(size)));
    }
  }

  void stop() noexcept {
    if (pid_ < 0) return;
    (void)::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

  Clock::time_point deadline_;
  pid_t pid_ = -1;
  UniqueFd exit_, output_, error_output_;
  ProgramResult result_;
};

std::unique_ptr<Program> start(const std::vector<std::string>& command_line, std::chrono::milliseconds limit,
                               ProgramResult& result) {
  try {
    return std::make_unique<Program>(command_line, Clock::now() + limit);
  } catch (const std::system_error& error) {
    const bool absent = error.code() == std::errc::no_such_file_or_directory;
    result.end = absent ? ProgramResult::End::not_found : ProgramResult::End::not_started;
    result.problem = error.what();
    return nullptr;
  }
}

void wait_for(const std::vector<std::unique_ptr<Program>>& programs) {
  std::vector<pollfd> polls;
  auto until = Clock::time_point::max();
  for (const auto& program : programs) {
    if (!program) continue;
    program->add_polls(polls);
    until = std::min(until, program->deadline());
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  const int timeout = static_cast<int>(std::clamp<long>(left, 0, 60'000));
  if (::poll(polls.data(), polls.size(), timeout) < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "poll");
}

} // namespace

std::vector<ProgramResult> run_programs(std::span<const std::vector<std::string>> command_lines,
                                        std::chrono::milliseconds limit) {
  std::vector<ProgramResult> results(command_lines.size());
  std::vector<std::unique_ptr<Program>> programs(command_lines.size());
  std::size_t next = 0, running = 0;
  while (next < command_lines.size() || running > 0) {
    for (; next < command_lines.size() && running < side_by_side; ++next) {
      programs[next] = start(command_lines[next], limit, results[next]);
      if (programs[next]) ++running;
    }
    if (running > 0) wait_for(programs);
    for (std::size_t i = 0; i < next; ++i) {
      if (!programs[i]) continue;
      if (auto result = programs[i]->advance()) {
        results[i] = std::move(*result);
        programs[i].reset();
        --running;
      }
    }
  }
  return results;
}

} // namespace ssh
