#include "cli/terminal_question.hpp"

#include "cli/standard_error.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

/// A process on a terminal of its own that does one thing and ends with what that returns.
class OnTerminal {
public:
  explicit OnTerminal(const std::function<int()>& work) {
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) ::_exit(work());
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;
  ~OnTerminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(terminal_);
  }

  /// Reads until the text was shown.
  bool shows(const std::string& text) {
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (seen_.find(text) == std::string::npos) {
      pollfd readable{terminal_, POLLIN, 0};
      if (Clock::now() > deadline || ::poll(&readable, 1, 10'000) <= 0) return false;
      std::array<char, 256> piece{};
      const auto size = ::read(terminal_, piece.data(), piece.size());
      if (size <= 0) return false;
      seen_.append(piece.data(), static_cast<std::size_t>(size));
    }
    return true;
  }
  void types(const std::string& text) const {
    REQUIRE(::write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] bool echoes() const {
    termios state{};
    REQUIRE(::tcgetattr(terminal_, &state) == 0);
    return (state.c_lflag & ECHO) != 0;
  }
  void signal(int number) const { ::kill(pid_, number); }
  int status() {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  [[nodiscard]] const std::string& seen() const { return seen_; }

private:
  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string seen_;
};

int answered(const char* expected) {
  std::array<char, 16> answer{};
  if (!cli::ask_on_terminal("word? ", answer)) return 2;
  return std::strcmp(answer.data(), expected) == 0 ? 0 : 1;
}

} // namespace

TEST_CASE("what is typed is taken and not shown, and the terminal is as before") {
  OnTerminal child([] {
    const int result = answered("open sesame");
    (void)!::write(1, "over", 4);
    char go = 0;
    (void)!::read(0, &go, 1);
    return result;
  });
  REQUIRE(child.shows("word? "));
  CHECK_FALSE(child.echoes());
  child.types("open sesame\n");
  REQUIRE(child.shows("over"));
  CHECK(child.echoes());
  CHECK(child.seen().find("sesame") == std::string::npos);
  child.types("\n");
  CHECK(child.status() == 0);
}

TEST_CASE("nothing typed, too much typed and the end of input are no answer") {
  for (const auto* text : {"\n", "much more than fits into that\n", "\x04"}) {
    OnTerminal child([] { return answered(""); });
    REQUIRE(child.shows("word? "));
    child.types(text);
    const int status = child.status();
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
  }
}

TEST_CASE("a signal finds the terminal as it was, and has its usual effect") {
  OnTerminal child([] {
    ::signal(SIGINT, SIG_DFL); // which this process may have been told to ignore
    return answered("");
  });
  REQUIRE(child.shows("word? "));
  CHECK_FALSE(child.echoes());
  child.types("\x03"); // Ctrl-C
  REQUIRE(child.shows("\n"));
  const int status = child.status();
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK(child.echoes());
}

TEST_CASE("one that was stopped and goes on asks anew") {
  OnTerminal child([] { return answered("word"); });
  REQUIRE(child.shows("word? "));
  child.signal(SIGTSTP);
  // A process without a shell above it is in an orphaned group, which SIGTSTP does not stop: it goes on at
  // once.
  REQUIRE(child.shows("word? \r\nword? "));
  child.types("word\n");
  CHECK(child.status() == 0);
}

TEST_CASE("where input or output is no terminal nobody is asked") {
  for (const int fd : {0, 1}) {
    OnTerminal child([fd] {
      ::dup2(::open("/dev/null", O_RDWR | O_CLOEXEC), fd);
      return answered("");
    });
    const int status = child.status();
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
    CHECK(child.seen().empty());
  }
}

TEST_CASE("a live line is away while somebody is asked, and is shown again behind it") {
  OnTerminal child([] {
    cli::show_live_line("busy", 4);
    {
      const cli::NoLiveLine asking;
      cli::show_live_line("hidden", 6);
      (void)!::write(2, "asked\n", 6);
    }
    cli::show_live_line("again", 5);
    return 0;
  });
  REQUIRE(child.shows("again"));
  CHECK(child.seen() == "\rbusy\r    \rasked\r\n\ragain");
}
