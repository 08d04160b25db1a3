#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace ssh {

/// What stood in the way between us and a command's result on a host.
enum class ErrorClass {
  settings,       ///< the target or a setting that we can't honour (it changes whom we trust or reach)
  resolve,        ///< the name has no address
  connect,        ///< no TCP connection, or no SSH banner within the time
  busy,           ///< the server closed before its banner, or said that it is full (MaxStartups)
  host_key,       ///< unknown, changed or revoked host key
  authentication, ///< none of our keys was taken
  lost,           ///< the connection broke after it was authenticated
  timed_out,      ///< an answer did not come within its time
};

/// An SSH failure towards one host. what() says what failed in one line without the host's name (the caller
/// prefixes `host NAME: `) and never holds a secret; hint() says what to do about it, or is empty. For
/// ErrorClass::host_key the hint is `actorsctl hosts trust` (unknown), `actorsctl hosts trust --replace`
/// (changed) or empty (revoked): a command which the caller completes with a space and the host's name.
class Error : public std::runtime_error {
public:
  Error(ErrorClass error_class, const std::string& what, std::string hint = {}, std::string hop = {})
      : std::runtime_error(what), class_(error_class), hint_(std::move(hint)), hop_(std::move(hop)) {}
  [[nodiscard]] ErrorClass error_class() const noexcept { return class_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  /// The jump host at which it failed, which what() names as well; empty for the host itself.
  [[nodiscard]] const std::string& hop() const noexcept { return hop_; }

private:
  ErrorClass class_;
  std::string hint_;
  std::string hop_;
};

} // namespace ssh
