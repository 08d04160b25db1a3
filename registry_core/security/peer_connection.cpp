#include "registry_core/security/peer_connection.hpp"

#include "registry_core/reachable_endpoint.hpp"

#include <array>
#include <netdb.h>
#include <sys/socket.h>

namespace registry_core {

namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] bool is_ip() const { return storage.ss_family == AF_INET || storage.ss_family == AF_INET6; }
};

struct HostAndPort {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  bool read(SocketAddress& address) {
    return ::getnameinfo(address.get(), address.size, host.data(), host.size(), port.data(), port.size(),
                         NI_NUMERICHOST | NI_NUMERICSERV) == 0;
  }
};

} // namespace

std::optional<PeerConnection> connection_of(int descriptor) {
  SocketAddress peer;
  SocketAddress local;
  if (descriptor < 0 || ::getpeername(descriptor, peer.get(), &peer.size) != 0 ||
      ::getsockname(descriptor, local.get(), &local.size) != 0)
    return std::nullopt;
  if (!peer.is_ip()) return PeerConnection{};
  HostAndPort from;
  HostAndPort to;
  if (!from.read(peer) || !to.read(local)) return std::nullopt;
  return PeerConnection{peer_host(from.host.data()), to.port.data()};
}

bool end_connection(int descriptor, std::string_view address) {
  const auto connection = connection_of(descriptor);
  if (!connection || connection->address != address) return false;
  return ::shutdown(descriptor, SHUT_RDWR) == 0;
}

} // namespace registry_core
