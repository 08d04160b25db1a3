#pragma once

#include "registry_core/listening_sockets.hpp"
#include "registry_core/security/curve_key.hpp"

#include <optional>
#include <string>

#include <zmq.hpp>

/// What the registry's sockets have in common.
namespace registry_core {

inline constexpr int largest_frame = 1024 * 1024; ///< libzmq ends the connection of who sends a larger one

/// Where a socket is bound, and what those need who connect there.
struct Binding {
  std::string endpoint;
  std::string domain;                  ///< what the ZapSocket is asked with
  std::optional<CurveKey> secret = {}; ///< the registry's own key; absent: without CURVE
};

/// Dead peers are found by TCP keepalive within 30 s; frames are bounded, and so is the time that a handshake
/// may take. Before bind_socket(). \param most_bytes of a frame.
void prepare_socket(zmq::socket_t& socket, int most_bytes = largest_frame);

/// Connections that come here are of this binding's mechanism and domain: libzmq takes both from the socket
/// when it binds, so that one socket may have several. \param listening where there may be a socket that
/// listens there already; may be nullptr. \returns what was bound, with the port that was chosen. \throws
/// BindError, which names the endpoint.
std::string bind_socket(zmq::socket_t& socket, const Binding& binding, ListeningSockets* listening);

} // namespace registry_core
