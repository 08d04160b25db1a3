#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace actors::registry {

/// Every failure that the library reports.
class RegistryError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// No answer within the call's timeout. The client is good for the next call.
class TimeoutError : public RegistryError {
  using RegistryError::RegistryError;
};

/// No actor of that name is registered.
class ActorNotFoundError : public RegistryError {
public:
  explicit ActorNotFoundError(std::string actor_name)
      : RegistryError("no actor named '" + actor_name + "' is registered"),
        actor_name_(std::move(actor_name)) {}
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }

private:
  std::string actor_name_;
};

/// The actor is registered, and its manager is not heard.
class ActorOfflineError : public RegistryError {
public:
  explicit ActorOfflineError(std::string actor_name)
      : RegistryError("actor '" + actor_name + "' is offline"), actor_name_(std::move(actor_name)) {}
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }

private:
  std::string actor_name_;
};

/// The registry refused a registration or an unregistration.
class RegistrationFailedError : public RegistryError {
public:
  RegistrationFailedError(std::string actor_name, std::string reason)
      : RegistryError("registration of '" + actor_name + "' failed: " + reason),
        actor_name_(std::move(actor_name)), reason_(std::move(reason)) {}
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
  std::string actor_name_;
  std::string reason_;
};

} // namespace actors::registry
