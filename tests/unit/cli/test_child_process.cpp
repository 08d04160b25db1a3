#include "cli/child_process.hpp"
#include "cli/interrupt.hpp"
#include "cli/passed_signals.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace cli {
namespace {

using State = ChildProcess::State;

/// As a program that nobody prepared would find it.
InheritedSignals usual() {
  InheritedSignals signals;
  sigemptyset(&signals.blocked);
  return signals;
}

ChildProcess child(const std::string& script) {
  return {{"sh", "-c", script}, {"PATH=/usr/bin:/bin", "WORD=7"}, usual()};
}

bool comes_to(ChildProcess& child, State state) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (child.look() != state) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

} // namespace

TEST_CASE(
    "a child becomes its program when it is released, with the environment given and its own descriptors") {
  auto one = child("exit $WORD");
  CHECK(one.id() > 0);
  CHECK(one.look() == State::running);
  one.release();
  REQUIRE(comes_to(one, State::ended));
  CHECK(one.error() == 0);
  CHECK(WEXITSTATUS(one.wait_status()) == 7);
}

TEST_CASE("a child that is given up never was its program") {
  auto one = child("exit 7");
  one.give_up();
  REQUIRE(comes_to(one, State::ended));
  CHECK(WEXITSTATUS(one.wait_status()) == 125);
}

TEST_CASE("a child that is held can be ended by a signal") {
  auto one = child("exit 7");
  REQUIRE(::kill(one.id(), SIGTERM) == 0);
  REQUIRE(comes_to(one, State::ended));
  CHECK(WTERMSIG(one.wait_status()) == SIGTERM);
}

TEST_CASE("a child has no handler of its parent's, from its first moment") {
  on_signal(SIGTERM, [](int) {}); // doctest puts its own back at the end of a test
  for (int round = 0; round < 20; ++round) {
    auto one = child("exit 7");
    REQUIRE(::kill(one.id(), SIGTERM) == 0);
    REQUIRE(comes_to(one, State::ended));
    CHECK(WIFSIGNALED(one.wait_status()));
  }
}

TEST_CASE("why there is no program is told") {
  ChildProcess missing({"no-such-program"}, {}, usual());
  missing.release();
  REQUIRE(comes_to(missing, State::ended));
  CHECK(missing.error() == ENOENT);
  ChildProcess folder({"/"}, {}, usual());
  folder.release();
  REQUIRE(comes_to(folder, State::ended));
  CHECK(folder.error() == EACCES);
}

TEST_CASE("a child that is stopped and continues is seen to") {
  auto one = child("kill -STOP $$; exit 3");
  one.release();
  REQUIRE(comes_to(one, State::stopped));
  ::kill(one.id(), SIGCONT);
  REQUIRE(comes_to(one, State::ended));
  CHECK(WEXITSTATUS(one.wait_status()) == 3);
}

TEST_CASE("a child does not outlive its owner") {
  pid_t id = 0;
  {
    auto one = child("trap '' TERM; while :; do sleep 1; done");
    one.release();
    id = one.id();
  }
  CHECK(::kill(id, 0) != 0);
}

TEST_CASE("a signal that somebody sent is passed on") {
  // None that nohup(1) ignores.
  auto one = child("sleep 60");
  siginfo_t signal{};
  signal.si_signo = SIGUSR1;
  signal.si_code = SI_USER;
  pass_on(signal, one.id());
  REQUIRE(comes_to(one, State::ended));
  CHECK(WTERMSIG(one.wait_status()) == SIGUSR1);
}

TEST_CASE("a signal of the terminal's is not passed on to a child that has it already") {
  auto one = child("exit 5");
  siginfo_t signal{};
  signal.si_signo = SIGINT;
  signal.si_code = SI_KERNEL;
  pass_on(signal, one.id());
  one.release();
  REQUIRE(comes_to(one, State::ended));
  CHECK(WEXITSTATUS(one.wait_status()) == 5);
}

} // namespace cli
