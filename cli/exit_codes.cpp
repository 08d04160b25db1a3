#include "cli/exit_codes.hpp"

#include <algorithm>

namespace cli {

using controller::FailureClass;
using controller::Outcome;
using controller::Verdict;

ExitCode exit_code(FailureClass failure_class) {
  switch (failure_class) {
  case FailureClass::settings:
  case FailureClass::resolve:
  case FailureClass::connect:
  case FailureClass::busy:
  case FailureClass::host_key:
  case FailureClass::authentication:
  case FailureClass::lost:
  case FailureClass::privilege:
  case FailureClass::timed_out: // of a host; a job that takes too long is unfinished
  case FailureClass::internal: return exit_host;
  case FailureClass::not_heard: return exit_unheard;
  case FailureClass::not_running: return exit_offline;
  case FailureClass::no_such_unit:
  case FailureClass::masked:
  case FailureClass::bad_setting:
  case FailureClass::job_failed:
  case FailureClass::not_asked:
  case FailureClass::order:
  case FailureClass::not_ours:
  case FailureClass::fleet:
  case FailureClass::interrupted: return exit_failed;
  }
  return exit_failed;
}

ExitCode exit_code(Verdict verdict) {
  switch (verdict) {
  case Verdict::healthy:
  case Verdict::starting: return exit_done;
  case Verdict::stopping:
  case Verdict::stopped: return exit_offline;
  case Verdict::unverified: return exit_unheard;
  case Verdict::unreachable: return exit_host;
  case Verdict::missing:
  case Verdict::masked:
  case Verdict::broken:
  case Verdict::restarting:
  case Verdict::foreign:
  case Verdict::failed:
  case Verdict::hung:
  case Verdict::silent: return exit_failed;
  }
  return exit_failed;
}

ExitCode exit_code(const Outcome& outcome) {
  switch (outcome.end) {
  case Outcome::End::done: return exit_done;
  case Outcome::End::skipped: { // what did not succeed before has a code of its own
    const auto why = outcome.failure ? outcome.failure->failure_class : FailureClass::order;
    return why == FailureClass::fleet || why == FailureClass::not_heard ? exit_code(why) : exit_done;
  }
  case Outcome::End::unverified: return exit_unheard;
  case Outcome::End::unfinished: {
    const bool link_broke = outcome.failure && outcome.failure->failure_class == FailureClass::lost;
    return link_broke ? exit_host : exit_unheard;
  }
  case Outcome::End::failed: break;
  }
  return outcome.failure ? exit_code(outcome.failure->failure_class) : exit_failed;
}

ExitCode worst(std::span<const ExitCode> codes) {
  for (const auto code : {exit_host, exit_failed, exit_unheard, exit_offline})
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  return exit_done;
}

} // namespace cli
