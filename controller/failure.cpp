#include "controller/failure.hpp"

namespace controller {

std::string_view to_string(FailureClass failure_class) {
  switch (failure_class) {
  case FailureClass::settings: return "settings";
  case FailureClass::resolve: return "resolve";
  case FailureClass::connect: return "connect";
  case FailureClass::busy: return "busy";
  case FailureClass::host_key: return "host_key";
  case FailureClass::authentication: return "authentication";
  case FailureClass::lost: return "lost";
  case FailureClass::privilege: return "privilege";
  case FailureClass::no_such_unit: return "no_such_unit";
  case FailureClass::masked: return "masked";
  case FailureClass::bad_setting: return "bad_setting";
  case FailureClass::not_running: return "not_running";
  case FailureClass::job_failed: return "job_failed";
  case FailureClass::not_heard: return "not_heard";
  case FailureClass::timed_out: return "timed_out";
  case FailureClass::order: return "order";
  case FailureClass::fleet: return "fleet";
  case FailureClass::interrupted: return "interrupted";
  case FailureClass::internal: return "internal";
  }
  return "internal";
}

} // namespace controller
