#pragma once

#include "registry_core/protocol/messages.hpp"
#include "registry_core/registry.hpp"
#include "registry_core/security/permissions.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace registry_core {

/// A request as it came, and the way back.
class Incoming {
public:
  virtual ~Incoming() = default;

  /// What it says. Good until the next call of any object's.
  virtual const protocol::Request& decode() = 0;
  /// Whose order of requests and replies is kept: equal for all that one peer sends. Good as long as the
  /// object.
  [[nodiscard]] virtual std::string_view peer() const = 0;
  /// This machine's address that it came to; empty where that is not known.
  virtual std::string local_host() = 0;
  /// Once, after decode() with nothing else decoded between.
  virtual void reply(const protocol::Reply& reply) = 0;
  /// The same request in an object that outlives this one, which is of no further use.
  virtual std::unique_ptr<Incoming> keep() = 0;

  /// Where it comes from, as peer_host() gives it. Good as long as the object.
  virtual const std::string& address() = 0;

  [[nodiscard]] Asker asker() { return {address(), arrived, client ? &client->permissions : nullptr}; }

  Now arrived;
  std::shared_ptr<const Client> client; ///< whom it is from; nullptr: he may do everything
  bool denial_said = false;             ///< in the log: what waits is decoded again
};

/// What a socket has received.
struct Received {
  enum class Kind : std::uint8_t { nothing, refused, request };
  Kind kind = Kind::nothing;
  Incoming* incoming = nullptr; ///< of a request; good until the next is received
};

} // namespace registry_core
