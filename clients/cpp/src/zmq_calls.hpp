#pragma once

#include <string>
#include <string_view>

#include <zmq.hpp>

namespace actors::registry {

// libzmq's calls that may fail for more than a wrong program. A signal that is caught meanwhile is no
// failure, although libzmq ends calls with EINTR that do not even wait: they are made again. All else is a
// RegistryError.

/// With one thread for input and output.
zmq::context_t new_context();
zmq::socket_t new_socket(zmq::context_t& context, zmq::socket_type type);

/// \param whose what stands before the endpoint in the error: "registry ".
void connect_socket(zmq::socket_t& socket, const std::string& endpoint, const std::string& whose);
void bind_socket(zmq::socket_t& socket, const std::string& endpoint);
/// zmq_socket_monitor(3).
void monitor_socket(zmq::socket_t& socket, const std::string& address, int events);

/// Has TCP ask a silent peer whether it is still there; 30 s without an answer are a no. It does not ask
/// while something is on its way.
void find_out_about_the_dead(zmq::socket_t& socket);

/// Without waiting. \returns whether there was room for it.
bool send_now(zmq::socket_t& socket, std::string_view bytes);
/// Without waiting. \returns whether there was one.
bool receive_now(zmq::socket_t& socket, zmq::message_t& frame);

/// \param what was done. \throws RegistryError with that and zmq_errno()'s text.
[[noreturn]] void throw_zmq_error(const std::string& what);

} // namespace actors::registry
