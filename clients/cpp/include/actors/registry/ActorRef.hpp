#pragma once

#include "actors/registry/Message.hpp"
#include "actors/registry/ZmqSender.hpp"
#include "actors/registry/errors.hpp"

#include <memory>
#include <string>
#include <utility>

namespace actors::registry {

/// An actor, wherever it is: its name, its endpoint, and what sends messages there. A value; from any thread.
class ActorRef {
public:
  /// Nothing is sent, and nobody is asked whether there is such an actor.
  ActorRef(std::string name, std::string endpoint, ZmqSender sender)
      : name_(std::move(name)), endpoint_(std::move(endpoint)), sender_(std::move(sender)) {}
  /// With a sender that is held elsewhere as well; not null.
  ActorRef(std::string name, std::string endpoint, const std::shared_ptr<ZmqSender>& sender)
      : ActorRef(std::move(name), std::move(endpoint), *sender) {}

  /// What the actor is registered as; messages name it as their receiver.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Where its messages go.
  [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

  /// Sends the message, and deletes it: whatever happens, it is not the caller's any more.
  /// \param sender whom an answer goes to; null: nobody.
  /// \returns false where it can't be sent now. \throws RegistryError where the endpoint can't be one, the
  /// message's json() is no JSON object, or it is too large (largest_message).
  bool send(const Message* message, const Actor* sender = nullptr) const {
    return send(std::unique_ptr<const Message>(message), sender);
  }
  /// The same, for a message that has an owner.
  bool send(std::unique_ptr<const Message> message, const Actor* sender = nullptr) const {
    return send(*message, sender);
  }
  /// The message stays the caller's.
  bool send(const Message& message, const Actor* sender = nullptr) const;

private:
  std::string name_;
  std::string endpoint_;
  ZmqSender sender_;
};

} // namespace actors::registry
