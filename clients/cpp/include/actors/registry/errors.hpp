#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace actors::registry {

/// Every failure that the library reports, also where libzmq or the system is its cause. A signal is none.
class RegistryError : public std::runtime_error {
public:
  /// \param code as code() has it.
  explicit RegistryError(const std::string& what, std::string code = {})
      : std::runtime_error(what), code_(std::move(code)) {}

  /// Why the registry refused, in its own word (docs/protocol.md, "Error"): `taken`, `limit`,
  /// `unavailable`, …; empty where it was not the registry that refused. After `unavailable` the same call
  /// may succeed later; most others want something changed first.
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

private:
  std::string code_;
};

/// No answer within the call's timeout. The client is good for the next call.
class TimeoutError : public RegistryError {
public:
  /// \param what names the registry and how long was waited.
  explicit TimeoutError(const std::string& what) : RegistryError(what) {}
};

/// No actor of that name is registered.
class ActorNotFoundError : public RegistryError {
public:
  /// what() names the actor.
  explicit ActorNotFoundError(std::string actor_name)
      : RegistryError("no actor named '" + actor_name + "' is registered"),
        actor_name_(std::move(actor_name)) {}
  /// Who was looked up.
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }

private:
  std::string actor_name_;
};

/// The actor is registered, and its manager is not heard.
class ActorOfflineError : public RegistryError {
public:
  /// what() names the actor.
  explicit ActorOfflineError(std::string actor_name)
      : RegistryError("actor '" + actor_name + "' is offline"), actor_name_(std::move(actor_name)) {}
  /// Who was looked up; lookup_allow_offline() still has its endpoint.
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }

private:
  std::string actor_name_;
};

/// The registry refused a registration or an unregistration.
class RegistrationFailedError : public RegistryError {
public:
  /// \param reason the registry's, for people. \param code the registry's, for programs.
  RegistrationFailedError(std::string actor_name, std::string reason, const std::string& code = {})
      : RegistryError("registration of '" + actor_name + "' failed: " + reason +
                          (code == "unavailable" ? "; nothing was changed, and it may be tried again" : ""),
                      code),
        actor_name_(std::move(actor_name)), reason_(std::move(reason)) {}
  /// Whose registration it was.
  [[nodiscard]] const std::string& actor_name() const noexcept { return actor_name_; }
  /// The registry's words, for people; code() is for programs.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
  std::string actor_name_;
  std::string reason_;
};

/// The registry does not let this client do that; code() is `not_authorized`. A registration that is denied
/// is a RegistrationFailedError of that code.
class NotAuthorizedError : public RegistryError {
public:
  /// \param what the sentence.
  explicit NotAuthorizedError(const std::string& what) : RegistryError(what, "not_authorized") {}
};

/// A key is none, or its file can't be used: it is not there, is no certificate, or others may read it.
class UnusableKeyError : public RegistryError {
public:
  /// \param what the sentence, without the key.
  explicit UnusableKeyError(const std::string& what) : RegistryError(what) {}
};

/// The registry does not trust the client's key, or wants one where it has none. The next call tries again.
class KeyNotAcceptedError : public RegistryError {
public:
  /// \param what the sentence.
  explicit KeyNotAcceptedError(const std::string& what) : RegistryError(what) {}
};

/// The registry's key is another than the client was given, or only one of the two encrypts: which of them
/// can't be told apart. The next call tries again.
class HandshakeFailedError : public RegistryError {
public:
  /// \param what the sentence.
  explicit HandshakeFailedError(const std::string& what) : RegistryError(what) {}
};

/// The registry publishes no events: its configuration sets no `events_endpoint`.
class EventsOffError : public RegistryError {
public:
  /// \param endpoint of the registry that was asked.
  explicit EventsOffError(const std::string& endpoint)
      : RegistryError("registry " + endpoint +
                      ": publishes no events; set events_endpoint in its configuration") {}
};

} // namespace actors::registry
