#pragma once

#include "examples/sample_manager/options.hpp"

#include <cstdint>
#include <vector>

#include <zmq.hpp>

namespace sample_manager {

/// One PULL socket an actor; what arrives is counted and dropped.
class ActorSockets {
public:
  /// Binds them all. \throws std::runtime_error naming the actor and the endpoint.
  explicit ActorSockets(const std::vector<ActorOption>& actors);

  /// What is to be registered: with the port that was chosen, where any was asked for.
  [[nodiscard]] const std::vector<ActorOption>& bound() const noexcept { return bound_; }

  /// Waits for messages, or for `descriptor` to be readable, at most so long; counts what arrived.
  void wait(int descriptor, std::chrono::milliseconds longest);

  [[nodiscard]] std::uint64_t messages(std::size_t actor) const { return messages_[actor]; }

private:
  zmq::context_t context_{1};
  std::vector<zmq::socket_t> sockets_;
  std::vector<ActorOption> bound_;
  std::vector<std::uint64_t> messages_;
};

} // namespace sample_manager
