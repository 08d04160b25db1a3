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
  case FailureClass::not_asked: return "not_asked";
  case FailureClass::not_heard: return "not_heard";
  case FailureClass::timed_out: return "timed_out";
  case FailureClass::order: return "order";
  case FailureClass::not_ours: return "not_ours";
  case FailureClass::fleet: return "fleet";
  case FailureClass::interrupted: return "interrupted";
  case FailureClass::internal: return "internal";
  }
  return "internal";
}

std::string usual_hint(FailureClass failure_class, const std::string& host_name) {
  switch (failure_class) {
  case FailureClass::settings: return "man actorsctl-hosts, SSH, says which settings are honoured";
  case FailureClass::resolve:
    return "is the name right? It is `ssh` of hosts." + host_name + ", or HostName of ssh_config for that";
  case FailureClass::connect: return "is the host up, and does sshd listen there?";
  case FailureClass::busy: return "it is full: try again, or raise MaxStartups there";
  case FailureClass::host_key: return "nobody may trust this key any more: the host needs a new one";
  case FailureClass::authentication: return "is the public key in that user's authorized_keys there?";
  case FailureClass::lost:
    return "is the network between in order? Look again with: actorsctl hosts " + host_name;
  case FailureClass::timed_out:
    return "is it overloaded? connect_timeout_s and command_timeout_s say how long it may take";
  default: return {};
  }
}

} // namespace controller
