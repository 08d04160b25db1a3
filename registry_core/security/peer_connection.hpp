#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Connections by descriptor, which libzmq owns: it may close one at any moment, and the number may be
/// another connection's then.
namespace registry_core {

struct PeerConnection {
  std::string address;    ///< the peer's, as peer_host() gives it; empty: on this machine, by ipc
  std::string local_port; ///< empty: ipc
};

/// Absent where the descriptor is no connected socket.
std::optional<PeerConnection> connection_of(int descriptor);

/// Ends a connection, if the descriptor still is one from that address: both directions are shut down, so
/// that libzmq finds it closed. \returns whether it did.
bool end_connection(int descriptor, std::string_view address);

} // namespace registry_core
