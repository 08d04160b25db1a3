#include "cli/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace cli {
namespace {

constexpr int given_up = 125;

std::array<int, 2> new_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return ends;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const auto& text : texts)
    result.push_back(const_cast<char*>(text.c_str())); // NOLINT: execve(2) does not write there
  result.push_back(nullptr);
  return result;
}

/// The end of the file, which comes when its parent is gone, is no leave to go on.
bool may_go_on(int go) {
  char byte = 0;
  ssize_t size = 0;
  do
    size = ::read(go, &byte, 1);
  while (size < 0 && errno == EINTR);
  return size == 1;
}

/// The parent's handlers are nothing for the child.
void forget_handlers() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action.sa_handler = SIG_DFL;
    action.sa_flags = 0;
    ::sigaction(signal, &action, nullptr);
  }
}

/// Blocks every signal while it lives.
class AllSignalsBlocked {
public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

private:
  sigset_t before_{};
};

/// In the child, all signals blocked: only what signal-safety(7) allows.
[[noreturn]] void become(char* const* words, char* const* environment, const InheritedSignals& inherited,
                         int go, int failure) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  forget_handlers();
  ::sigaction(SIGCHLD, &inherited.child, nullptr);
  ::sigaction(SIGPIPE, &inherited.broken_pipe, nullptr);
  ::sigprocmask(SIG_SETMASK, &inherited.blocked, nullptr);
  if (!may_go_on(go)) ::_exit(given_up);
  ::execvpe(words[0], words, environment);
  const int error = errno;
  (void)!::write(failure, &error, sizeof error);
  ::_exit(given_up);
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                           const InheritedSignals& inherited) {
  const auto words_pointers = pointers(words);
  const auto environment_pointers = pointers(environment);
  const auto go = new_pipe();
  const auto failure = new_pipe();
  int error = 0;
  {
    const AllSignalsBlocked blocked; // until the child has no handler of ours any more
    id_ = ::fork();
    if (id_ == 0) {
      ::close(go[1]);
      become(words_pointers.data(), environment_pointers.data(), inherited, go[0], failure[1]);
    }
    error = errno;
  }
  ::close(go[0]);
  ::close(failure[1]);
  go_ = go[1];
  failure_ = failure[0];
  if (id_ < 0) throw std::system_error(error, std::generic_category(), "fork");
}

ChildProcess::~ChildProcess() {
  give_up();
  if (state_ != State::ended) {
    ::kill(id_, SIGKILL);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(failure_);
}

void ChildProcess::release() noexcept {
  const char byte = 1;
  (void)!::write(go_, &byte, 1); // into an empty pipe; where nobody reads any more, it has ended
  give_up();
}

void ChildProcess::give_up() noexcept {
  if (const int end = std::exchange(go_, -1); end >= 0) ::close(end);
}

ChildProcess::State ChildProcess::look() {
  for (int status = 0;
       state_ != State::ended && ::waitpid(id_, &status, WNOHANG | WUNTRACED | WCONTINUED) > 0;) {
    if (WIFSTOPPED(status)) {
      state_ = State::stopped;
    } else if (WIFCONTINUED(status)) {
      state_ = State::running;
    } else {
      state_ = State::ended;
      wait_status_ = status;
      if (::read(failure_, &error_, sizeof error_) != static_cast<ssize_t>(sizeof error_)) error_ = 0;
    }
  }
  return state_;
}

} // namespace cli
