#pragma once

#include "actors/registry/Message.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace actors::registry {

/// Where an actor's messages arrive: a PULL socket. One thread at a time, and not in a forked child, where
/// receive() throws RegistryError.
class ZmqReceiver {
public:
  /// \param endpoint to listen at: `tcp://*:5556`, `tcp://10.0.0.9:5556`, `ipc:///run/a`; port `*` is any
  /// that is free. \throws RegistryError where that is not possible.
  explicit ZmqReceiver(const std::string& endpoint);
  /// What was moved from may only be destroyed or assigned to.
  ZmqReceiver(ZmqReceiver&&) noexcept;
  /// As above.
  ZmqReceiver& operator=(ZmqReceiver&&) noexcept;
  ~ZmqReceiver();

  /// Where it listens, the port being the real one; `tcp://0.0.0.0:5556` for all addresses, which the
  /// registry takes for this machine's.
  [[nodiscard]] const std::string& endpoint() const noexcept;

  /// The next message; none where none came in time, or a signal was caught. Whatever is no envelope with a
  /// receiver, a message type and a message is passed over. Who sends one that is larger than largest_message
  /// loses the connection, and what is on its way over it.
  std::optional<Envelope> receive(std::chrono::milliseconds timeout);

private:
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace actors::registry
