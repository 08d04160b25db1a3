#include "registry_core/reachable_endpoint.hpp"

#include "registry_core/protocol/names.hpp"

namespace registry_core {

std::string host_of(std::string_view endpoint) {
  const auto tcp = protocol::parse_tcp_endpoint(endpoint);
  if (!tcp || protocol::is_wildcard_host(tcp->host)) return {};
  return std::string(tcp->host);
}

std::string peer_host(std::string_view peer_address) {
  constexpr std::string_view mapped = "::ffff:";
  if (peer_address.starts_with(mapped) && peer_address.find('.') != std::string_view::npos) {
    peer_address.remove_prefix(mapped.size());
  }
  // For an ipc peer libzmq says "localhost:UID:GID:PID".
  return protocol::is_ip_address(peer_address) ? std::string(peer_address) : std::string();
}

ReachableEndpoint reachable_endpoint(std::string_view endpoint, std::string_view peer,
                                     std::string_view connect_host) {
  const auto tcp = protocol::parse_tcp_endpoint(endpoint);
  if (!tcp || !protocol::is_wildcard_host(tcp->host)) return {std::string(endpoint), false, false};
  std::string_view host = peer;
  if (peer.empty() || protocol::is_loopback_host(peer)) {
    const bool ipv6_only = peer == "::1";
    host = connect_host.empty() ? std::string_view(ipv6_only ? "::1" : "127.0.0.1") : connect_host;
  }
  return {protocol::tcp_endpoint(host, tcp->port), true, protocol::is_loopback_host(host)};
}

std::optional<std::string> endpoint_for_peer(std::string_view bound, std::string_view peer,
                                             std::string_view local_host, std::string_view connect_host) {
  const bool is_here = peer.empty() || protocol::is_loopback_host(peer);
  const auto tcp = protocol::parse_tcp_endpoint(bound);
  if (!tcp) return is_here ? std::optional<std::string>(bound) : std::nullopt; // ipc
  if (!protocol::is_wildcard_host(tcp->host)) {
    if (protocol::is_loopback_host(tcp->host) && !is_here) return std::nullopt;
    return std::string(bound);
  }
  const std::string_view elsewhere = connect_host.empty() ? local_host : connect_host;
  const std::string_view host = is_here ? std::string_view(peer == "::1" ? "::1" : "127.0.0.1") : elsewhere;
  if (host.empty()) return std::nullopt;
  return protocol::tcp_endpoint(host, tcp->port);
}

} // namespace registry_core
