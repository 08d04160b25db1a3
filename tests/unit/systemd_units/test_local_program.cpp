#include "systemd_units/local_program.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <system_error>

using namespace systemd_units;

namespace {
void nobody_reads(std::string_view) {}
} // namespace

TEST_CASE("a program's output comes as it is written, its errors at its end") {
  std::string output;
  const auto end = run_program({"sh", "-c", "echo one; echo wrong >&2; echo two; exit 3"},
                               [&](std::string_view piece) { output += piece; }, {});
  CHECK(output == "one\ntwo\n");
  CHECK(end.error_output == "wrong\n");
  CHECK(WEXITSTATUS(end.wait_status) == 3);
}

TEST_CASE("a program reads what it is given to its end, whatever it is and however much") {
  std::string input(300000, 'x');
  input[7] = '\0';
  std::string output;
  run_program(
      {"cat"}, [&](std::string_view piece) { output += piece; }, {}, input);
  CHECK(output == input);
  output.clear();
  run_program({"cat"}, [&](std::string_view piece) { output += piece; }, {});
  CHECK(output.empty());
}

TEST_CASE("a program that nobody wants any more is ended") {
  const auto begin = std::chrono::steady_clock::now();
  const auto end = run_program({"sleep", "1000"}, nobody_reads, [] { return true; });
  CHECK(WIFSIGNALED(end.wait_status));
  CHECK(WTERMSIG(end.wait_status) == SIGTERM);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("a program that does not end when it is asked to is ended all the same, where it may be") {
  std::string output;
  const auto end = run_program(
      {"sh", "-c", "trap '' TERM; echo ready; exec sleep 1000"},
      [&](std::string_view piece) { output += piece; }, [&] { return !output.empty(); }, {},
      Unwilling::killed);
  CHECK(WIFSIGNALED(end.wait_status));
  CHECK(WTERMSIG(end.wait_status) == SIGKILL);
}

TEST_CASE("a program that does not end when it is asked to is awaited elsewhere") {
  std::string output;
  const auto end = run_program(
      {"sh", "-c", "trap '' TERM; echo ready; sleep 2; exit 3"},
      [&](std::string_view piece) { output += piece; }, [&] { return !output.empty(); });
  CHECK(WEXITSTATUS(end.wait_status) == 3);
}

TEST_CASE("a program that is not there is told by name") {
  CHECK_THROWS_WITH_AS(run_program({"actorsctl-no-such-program"}, nobody_reads, {}),
                       "actorsctl-no-such-program: No such file or directory", std::system_error);
}

TEST_CASE("what the reader throws ends the program") {
  CHECK_THROWS_AS(run_program({"sh", "-c", "echo now; exec sleep 1000"},
                              [](std::string_view) { throw std::runtime_error("enough"); }, {}),
                  std::runtime_error);
}
