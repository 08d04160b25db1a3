#include "cli/exit_codes.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cli {

TEST_CASE("of several targets the first of 7, 1, 5, 4, 0 counts") {
  CHECK(worst({}) == exit_done);
  CHECK(worst(std::array{exit_done, exit_offline}) == exit_offline);
  CHECK(worst(std::array{exit_offline, exit_unheard, exit_done}) == exit_unheard);
  CHECK(worst(std::array{exit_unheard, exit_failed}) == exit_failed);
  CHECK(worst(std::array{exit_failed, exit_host, exit_unheard}) == exit_host);
}

TEST_CASE("verdicts have the exit codes of the manual") {
  using controller::Verdict;
  for (const auto verdict : {Verdict::healthy, Verdict::starting})
    CHECK(exit_code(verdict) == exit_done);
  for (const auto verdict : {Verdict::stopping, Verdict::stopped})
    CHECK(exit_code(verdict) == exit_offline);
  CHECK(exit_code(Verdict::unverified) == exit_unheard);
  CHECK(exit_code(Verdict::unreachable) == exit_host);
  for (const auto verdict : {Verdict::missing, Verdict::masked, Verdict::broken, Verdict::restarting,
                             Verdict::foreign, Verdict::failed, Verdict::hung, Verdict::silent})
    CHECK(exit_code(verdict) == exit_failed);
}

TEST_CASE("a host that can't be reached or refuses is 7, a unit's failure 1, a deadline 5") {
  using controller::FailureClass;
  for (const auto failure :
       {FailureClass::resolve, FailureClass::connect, FailureClass::busy, FailureClass::timed_out,
        FailureClass::host_key, FailureClass::authentication, FailureClass::privilege, FailureClass::lost})
    CHECK(exit_code(failure) == exit_host);
  for (const auto failure :
       {FailureClass::no_such_unit, FailureClass::masked, FailureClass::job_failed, FailureClass::not_asked})
    CHECK(exit_code(failure) == exit_failed);
  CHECK(exit_code(FailureClass::not_heard) == exit_unheard);
}

TEST_CASE("a job that systemd still works on is 5, a link that broke meanwhile 7") {
  controller::Outcome outcome;
  outcome.end = controller::Outcome::End::unfinished;
  outcome.failure = controller::Failure{controller::FailureClass::timed_out, "", ""};
  CHECK(exit_code(outcome) == exit_unheard);
  outcome.failure->failure_class = controller::FailureClass::lost;
  CHECK(exit_code(outcome) == exit_host);
}

} // namespace cli
