#include "cli/terminal_question.hpp"

#include "cli/descriptor.hpp"
#include "cli/standard_error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace cli {
namespace {

/// A terminal that does not show what is typed, for as long as this lives.
class Hidden {
public:
  explicit Hidden(int terminal) : terminal_(terminal), known_(::tcgetattr(terminal, &before_) == 0) {
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    if (known_) known_ = ::tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    if (known_) (void)::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  explicit operator bool() const { return known_; }

private:
  int terminal_;
  termios before_{};
  bool known_;
};

// Whichever thread gets the signal.
std::atomic<int> caught_signal = 0;
std::atomic<int> wakeup_fd = -1;
static_assert(std::atomic<int>::is_always_lock_free, "so that a signal's handler may use them");

void catch_signal(int signal) {
  caught_signal = signal;
  const int error = errno;
  const std::uint64_t one = 1;
  (void)!::write(wakeup_fd, &one, sizeof one);
  errno = error;
}

/// Catches what would end or stop us, whichever thread gets it. One at a time.
class Signals {
public:
  Signals() : wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    caught_signal = 0;
    wakeup_fd = wakeup_.get();
    struct sigaction action {};
    action.sa_handler = catch_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ::sigaction(numbers[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(numbers[i], &action, nullptr);
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    wakeup_fd = -1;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      ::sigaction(numbers[i], &before_[i], nullptr);
  }
  [[nodiscard]] int fd() const { return wakeup_.get(); }
  [[nodiscard]] static int caught() { return caught_signal; }

private:
  static constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  Descriptor wakeup_;
  std::array<struct sigaction, numbers.size()> before_{};
};

/// One line without its end; false at the end of input, at a signal, or where it does not fit.
bool read_line(int terminal, const Signals& signals, std::span<char> line) {
  for (std::size_t size = 0;;) {
    std::array<pollfd, 2> polls{{{terminal, POLLIN, 0}, {signals.fd(), POLLIN, 0}}};
    (void)::poll(polls.data(), polls.size(), -1);
    if (Signals::caught() != 0) return false;
    if (polls[0].revents == 0) continue;
    if (size == line.size()) return false;
    const auto got = ::read(terminal, line.data() + size, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    if (line[size] == '\n') {
      line[size] = '\0';
      return size > 0;
    }
    ++size;
  }
}

void say(int terminal, const std::string& text) {
  (void)!::write(terminal, text.data(), text.size());
}

} // namespace

bool ask_on_terminal(const std::string& question, std::span<char> answer) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return false;
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.get() < 0 || ::tcgetpgrp(terminal.get()) != ::getpgrp()) return false;
  const NoLiveLine quiet;
  for (;;) {
    bool answered = false;
    int signal = 0;
    {
      const Signals signals;
      const Hidden hidden(terminal.get());
      if (!hidden || signals.fd() < 0) return false;
      say(terminal.get(), question);
      answered = read_line(terminal.get(), signals, answer);
      say(terminal.get(), "\n");
      signal = Signals::caught();
    }
    if (signal == 0) return answered;
    (void)::raise(signal);
    if (signal != SIGTSTP) return false; // continued after a stop: asked anew
  }
}

} // namespace cli
