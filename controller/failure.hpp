#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace controller {

/// Why something could not be done on a host or for a manager. The class decides the exit code and the hint.
enum class FailureClass {
  settings,       ///< an SSH target or setting that can't be honoured
  resolve,        ///< the host's name has no address
  connect,        ///< no connection, or no SSH behind it
  busy,           ///< the host takes no more connections now
  host_key,       ///< unknown, changed or revoked
  authentication, ///< no key was taken
  lost,           ///< the link broke in the middle
  privilege,      ///< the right to control the unit is missing
  no_such_unit,   ///< systemd knows no such unit
  masked,         ///< the unit is masked
  bad_setting,    ///< systemd can't load the unit's file, or the configuration is wrong about the unit
  not_running,    ///< it would have to run for that
  job_failed,     ///< systemd tried and the unit failed
  not_asked,      ///< the time was over before systemd was asked
  not_heard,      ///< the registry heard nothing of this activation by the deadline
  timed_out,      ///< an answer of the host, or a job, took longer than it may
  order,          ///< not begun, since a manager that comes first did not succeed, or the change was stopped
  not_ours,       ///< a file is in the way that deploy did not write, or not like this
  fleet,          ///< not begun, since a rolling restart's fleet is not well
  interrupted,    ///< not begun, since the user asked to stop
  internal,       ///< the host's answer can't be understood, or we failed
};

/// As it stands in JSON: `host_key`, `no_such_unit`.
std::string_view to_string(FailureClass failure_class);

/// What to do about a host's failure of which nothing more particular is known; empty for a class that is not
/// a host's.
std::string usual_hint(FailureClass failure_class, const std::string& host_name);

/// What failed, in words without the host's name, and what to do about it (may be empty).
struct Failure {
  FailureClass failure_class = FailureClass::internal;
  std::string message;
  std::string hint;
  bool on_the_way = false; ///< at a jump host, before the host itself
};

/// A failure that ends the work with one host.
class HostError : public std::runtime_error {
public:
  explicit HostError(Failure failure) : std::runtime_error(failure.message), failure_(std::move(failure)) {}
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

private:
  Failure failure_;
};

} // namespace controller
