#pragma once

#include "clients/cpp/src/dealer.hpp"

#include <string>
#include <vector>

namespace actors::registry {

inline constexpr const char* tick_topic = "registry/tick";

/// A SUB socket towards one events endpoint. libzmq connects again by itself.
class Subscriber {
public:
  struct Message {
    std::string topic, text;
  };

  /// \param topics none: everything. \throws RegistryError where the endpoint can't be one.
  Subscriber(zmq::context_t& context, std::string endpoint, const CurveKeys& keys,
             const std::vector<std::string>& topics);

  void subscribe(const std::string& topic);

  /// A message that has arrived, without waiting. What has not two frames is passed over. \throws
  /// KeyNotAcceptedError, HandshakeFailedError where only a new socket may fare better.
  std::optional<Message> receive();

  /// Waits until there may be a message, once receive() has found none. \returns false where a signal was
  /// caught.
  bool wait(Clock::duration longest);

private:
  std::optional<Message> take();

  std::string endpoint_;
  zmq::socket_t socket_;
  std::optional<Handshake> handshake_; ///< until the first message
};

} // namespace actors::registry
