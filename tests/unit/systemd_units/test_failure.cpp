#include "systemd_units/unit_state.hpp"

#include <doctest/doctest.h>

#include <csignal>

using systemd_units::describe_failure;
using systemd_units::UnitState;

namespace {

UnitState ended(const char* result, int code, int status) {
  UnitState state;
  state.load_state = "loaded";
  state.result = result;
  state.exec_main_code = code;
  state.exec_main_status = status;
  return state;
}

} // namespace

TEST_CASE("describe_failure: systemd's result with what it is about") {
  CHECK(describe_failure(ended("exit-code", CLD_EXITED, 1)) == "exit-code (status=1/FAILURE)");
  CHECK(describe_failure(ended("exit-code", CLD_EXITED, 203)) == "exit-code (status=203/EXEC)");
  CHECK(describe_failure(ended("exit-code", CLD_EXITED, 217)) == "exit-code (status=217/USER)");
  CHECK(describe_failure(ended("exit-code", CLD_EXITED, 42)) == "exit-code (status=42)");
  CHECK(describe_failure(ended("signal", CLD_KILLED, SIGKILL)) == "signal (KILL)");
  CHECK(describe_failure(ended("core-dump", CLD_DUMPED, SIGSEGV)) == "core-dump (SEGV)");
  CHECK(describe_failure(ended("signal", CLD_KILLED, 1000)) == "signal (1000)");
  CHECK(describe_failure(ended("timeout", CLD_KILLED, SIGTERM)) == "timeout");
  CHECK(describe_failure(ended("oom-kill", CLD_KILLED, SIGKILL)) == "oom-kill");
}

TEST_CASE("describe_failure: another process' failure is not ascribed to the main one") {
  CHECK(describe_failure(ended("exit-code", 0, 0)) == "exit-code");
  CHECK(describe_failure(ended("exit-code", CLD_EXITED, 0)) == "exit-code");
}

TEST_CASE("describe_failure: a unit that was not loaded has its load error") {
  UnitState state;
  state.load_state = "masked";
  state.load_error = "Unit a.service is masked.";
  state.result = "success";
  CHECK(describe_failure(state) == "Unit a.service is masked.");
}
