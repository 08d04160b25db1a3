#pragma once

#include "actors/registry/errors.hpp"

#include <memory>
#include <string>

namespace actors::registry {

/// By which keys a client speaks with a registry whose endpoints are encrypted (CURVE; docs/security.md). A
/// value: copies share what they hold, which is wiped when the last of them goes. Nothing prints it.
///
/// They hold for every endpoint of the client that is given them, and for the registry's events. A connection
/// that is refused for its keys is an error by name, not a silence: KeyNotAcceptedError,
/// HandshakeFailedError.
class CurveKeys {
public:
  /// None: the client speaks plain, whatever the environment says.
  CurveKeys() = default;
  /// \param server_key the registry's public key: its 40 characters (Z85), or the path of a certificate that
  /// has it, such as `registry.key`.
  /// \param key_file the client's own certificate with its secret key, such as `client.key_secret`, which
  /// nobody but its owner may read or write. Empty: a fresh pair for each connection, which encrypts and
  /// makes sure of the registry, to which the client is a stranger. \throws UnusableKeyError. Where both are
  /// empty it is as CurveKeys().
  explicit CurveKeys(const std::string& server_key, const std::string& key_file = {});
  /// What `REGISTRY_SERVER_KEY` and `REGISTRY_KEY_FILE` name; none where neither is set. \throws
  /// UnusableKeyError.
  static CurveKeys from_environment();

  /// Whether there are any.
  explicit operator bool() const noexcept { return pair_ != nullptr; }

  struct Pair; ///< the library's own
  /// For the library itself.
  [[nodiscard]] const Pair* pair() const noexcept { return pair_.get(); }

private:
  std::shared_ptr<const Pair> pair_;
};

} // namespace actors::registry
