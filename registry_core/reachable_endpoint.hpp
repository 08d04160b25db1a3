#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace registry_core {

/// The host that stands for the registry's own machine in `tcp://host:port`; empty where the endpoint is none
/// of that kind.
std::string host_of(std::string_view endpoint);

/// An address as libzmq's Peer-Address gives it: IPv4-mapped ones written as IPv4; empty for a peer that has
/// none (ipc).
std::string peer_host(std::string_view peer_address);

struct ReachableEndpoint {
  std::string endpoint;
  bool replaced = false;   ///< it is not what the peer sent
  bool local_only = false; ///< other machines can't connect to it
};

/// What is stored for an actor's endpoint. A wildcard host (`tcp://*:P`) becomes the peer's own address;
/// where the peer is on this machine, `connect_host` (of `registry_connect`; may be empty), and without that
/// the loopback address. \param peer as peer_host() returns it.
ReachableEndpoint reachable_endpoint(std::string_view endpoint, std::string_view peer,
                                     std::string_view connect_host);

/// Where a peer can reach what this machine has bound; none where it can't.
/// \param bound with a port; a wildcard host stands for every address of this machine.
/// \param peer as peer_host() returns it; empty: on this machine.
/// \param local_host this machine's address that the peer's connection came to; may be empty.
std::optional<std::string> endpoint_for_peer(std::string_view bound, std::string_view peer,
                                             std::string_view local_host, std::string_view connect_host);

} // namespace registry_core
