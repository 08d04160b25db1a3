#include "ssh/session.hpp"

#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

using ssh::Command;
using ssh::CommandResult;
using std::chrono::seconds;

namespace {

Command shell(const std::string& script) {
  return {{"sh", "-c", script}, {}};
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

TEST_CASE("words arrive at the command as they are") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<std::string> words{"a b",       "",   "it's", "\"x\"", "$(id)", "`id`", "back\\slash\\",
                                       "new\nline", "*",  "~",    "$HOME", "a;b",   "&",    "!!",
                                       "\xc3\xa9",  "--", "-n",   "A=b"};
  Command command{{"printf", "%s\\0"}, {}};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  const auto result = session.run(command, test::in(seconds(10)));
  std::string expected;
  for (const auto& word : words)
    expected += word + '\0';
  CHECK(result.output == expected);
  CHECK(result.exit_status == 0);
}

TEST_CASE("commands run side by side and come back in order") {
  const test::Sshd sshd;
  auto session = sshd.session();
  std::vector<Command> commands;
  for (int i = 0; i < 20; ++i)
    commands.push_back(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i)));
  std::set<std::size_t> ended;
  const auto results = session.run(commands, test::in(seconds(20)),
                                   [&](std::size_t index, const CommandResult&) { ended.insert(index); });
  REQUIRE(results.size() == 20);
  CHECK(ended.size() == 20);
  for (int i = 0; i < 20; ++i) {
    CHECK(results[static_cast<std::size_t>(i)].output == std::to_string(i) + "\n");
    CHECK(results[static_cast<std::size_t>(i)].exit_status == i);
  }
  const auto began = std::chrono::steady_clock::now();
  const std::vector<Command> sleeps(8, shell("sleep 2"));
  (void)session.run(sleeps, test::in(seconds(20)));
  CHECK(seconds_since(began) < 12);
}

TEST_CASE("how a command ends is told: status, signal, output apart") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const auto both = session.run(shell("echo out; echo err >&2; exit 3"), test::in(seconds(10)));
  CHECK(both.end == CommandResult::End::exited);
  CHECK(both.exit_status == 3);
  CHECK(both.output == "out\n");
  CHECK(both.error_output == "err\n");
  const auto killed = session.run({{"sh", "-c", "kill -TERM $$"}, {}}, test::in(seconds(10)));
  // The login shell either becomes the command or reports its signal as a status.
  if (killed.end == CommandResult::End::signalled)
    CHECK(killed.signal == "TERM");
  else
    CHECK(killed.exit_status == 143);
  CHECK(session.run({{"kill", "-KILL", "0"}, {}}, test::in(seconds(10))).end !=
        CommandResult::End::timed_out);
  CHECK(session.run({{"/nonexistent"}, {}}, test::in(seconds(10))).exit_status == 127);
}

TEST_CASE("standard input is given and ended") {
  const test::Sshd sshd;
  auto session = sshd.session();
  CHECK(session.run({{"cat"}, "two\nlines"}, test::in(seconds(10))).output == "two\nlines");
  std::string big(6u << 20, 'x');
  CHECK(session.run({{"wc", "-c"}, big}, test::in(seconds(30))).output == std::to_string(big.size()) + "\n");
  // One that does not read it is no trouble, and neither is one that gives it all back.
  CHECK(session.run({{"true"}, big}, test::in(seconds(30))).exit_status == 0);
  CHECK(session.run({{"cat"}, big}, test::in(seconds(30))).output == big);
}

TEST_CASE("output is kept up to a bound and taken in beyond it") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<Command> commands{shell("head -c 5000000 /dev/zero"),
                                      shell("head -c 20000000 /dev/zero")};
  const auto results = session.run(commands, test::in(seconds(60)));
  CHECK(results[0].output.size() == 5'000'000);
  CHECK_FALSE(results[0].truncated);
  CHECK(results[1].output.size() == ssh::Session::max_output);
  CHECK(results[1].truncated);
  CHECK(results[1].exit_status == 0);
}

TEST_CASE("a command without an end by the deadline harms no other") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<Command> commands{shell("echo begun; exec sleep 30"), shell("echo done")};
  const auto began = std::chrono::steady_clock::now();
  const auto results = session.run(commands, test::in(seconds(4)));
  CHECK(seconds_since(began) < 25);
  CHECK(results[0].end == CommandResult::End::timed_out);
  CHECK(results[0].output == "begun\n");
  CHECK(results[1].end == CommandResult::End::exited);
  CHECK(results[1].output == "done\n");
  // And the session is as good as before.
  CHECK(session.run(shell("echo again"), test::in(seconds(10))).output == "again\n");
}

TEST_CASE("a command that has had no channel by the deadline was not begun, and says so") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<Command> commands(9, shell("echo begun; exec sleep 30"));
  const auto results = session.run(commands, test::in(seconds(5)));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    CHECK(results[i].end == CommandResult::End::timed_out);
    CHECK(results[i].begun == (i < 8));
    CHECK(results[i].output == (i < 8 ? "begun\n" : ""));
  }
  CHECK_FALSE(session.run(shell("true"), test::in(-seconds(1))).begun);
}

TEST_CASE("where the server allows few channels the others wait") {
  const test::Sshd sshd("MaxSessions 2\n");
  auto session = sshd.session();
  std::vector<Command> commands;
  for (int i = 0; i < 10; ++i)
    commands.push_back(shell("echo " + std::to_string(i)));
  const auto results = session.run(commands, test::in(seconds(30)));
  for (std::size_t i = 0; i < results.size(); ++i)
    CHECK(results[i].output == std::to_string(i) + "\n");
}

TEST_CASE("a session moves, and sessions of several threads don't meet") {
  const test::Sshd sshd;
  auto first = sshd.session();
  auto second = sshd.session();
  first = std::move(second);
  CHECK(first.run(shell("echo moved"), test::in(seconds(10))).output == "moved\n");
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto session = sshd.session();
      if (session.run(shell("echo mine"), test::in(seconds(20))).output == "mine\n") ++good;
    });
  }
  for (auto& thread : threads)
    thread.join();
  CHECK(good == 4);
}
