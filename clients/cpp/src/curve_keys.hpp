#pragma once

#include "actors/registry/CurveKeys.hpp"
#include "clients/cpp/src/certificate.hpp"

#include <zmq.hpp>

namespace actors::registry {

struct CurveKeys::Pair {
  CurveKey server; ///< public
  /// The client's; none: a fresh pair for each connection.
  std::optional<CurveKey> own_public, own_secret;
};

/// Before the socket connects. Nothing happens where there are no keys. \throws UnusableKeyError where the
/// system's libzmq has no CURVE.
void use_keys(zmq::socket_t& socket, const CurveKeys& keys);

} // namespace actors::registry
