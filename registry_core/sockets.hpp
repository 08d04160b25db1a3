#pragma once

#include "registry_core/listening_sockets.hpp"

#include <string>

#include <zmq.hpp>

/// What the registry's sockets have in common.
namespace registry_core {

inline constexpr int largest_frame = 1024 * 1024; ///< libzmq ends the connection of who sends a larger one

/// Dead peers are found by TCP keepalive within 30 s; frames are bounded. Before bind_socket().
void prepare_socket(zmq::socket_t& socket);

/// \param listening where there may be a socket that listens there already; may be nullptr. \returns what was
/// bound, with the port that was chosen. \throws BindError, which names the endpoint.
std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint, ListeningSockets* listening);

} // namespace registry_core
