#pragma once

#include "actors/registry/Message.hpp"

#include <memory>
#include <string>

namespace actors::registry {

/// Sends messages to actors, over one PUSH socket for each endpoint. From any thread, but not in a forked
/// child, where send() throws RegistryError. Copies share the sockets, which are closed with the last of
/// them: what has not left then has another second to do so.
///
/// The 256 endpoints used last are kept connected. Up to 1,000 messages wait for an endpoint where nobody is,
/// and go when somebody is there again; what was on its way when a connection broke is lost. A connection on
/// which nothing moves for 30 s, since the peer is dead or takes nothing, is given up and opened anew.
class ZmqSender {
public:
  /// Nothing is connected yet. \throws RegistryError where the process has no descriptor left.
  ZmqSender();

  /// Does not wait. \returns false where it can't be sent: 1,000 messages wait already. \throws RegistryError
  /// where the endpoint can't be one, or the message is larger than largest_message.
  bool send(const std::string& endpoint, const std::string& bytes) const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace actors::registry
