#pragma once

#include "registry_core/networks.hpp"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <zmq.hpp>

namespace registry_core {

/// Where a reply to an actor message goes: `sender_endpoint`, a loopback or wildcard host in it being the
/// sender's own. None where that is neither the address that the message came from nor in `networks`: nobody
/// makes the registry talk to third parties. A host name is never looked up, so it is none of them. \param
/// peer as peer_host() returns it; empty: on this machine.
std::optional<std::string> push_target(std::string_view sender_endpoint, std::string_view peer,
                                       const Networks& networks);

/// PUSH sockets towards actors, a bounded number of them: the one that was not used for longest makes room.
/// They have a context of their own, since a slow name lookup holds up every socket of its context. One
/// thread.
class PushConnections {
public:
  PushConnections(std::size_t most, std::size_t queue) : most_(most), queue_(queue) {}

  /// Does not wait. \returns false where it can't be sent: no such endpoint, or the other side does not read.
  bool send(const std::string& endpoint, std::string_view text);

  void change_most(std::size_t most);
  [[nodiscard]] std::size_t size() const noexcept { return by_use_.size(); }

private:
  struct Connection {
    std::string endpoint;
    zmq::socket_t socket;
  };
  using Connections = std::list<Connection>;

  Connections::iterator connection(const std::string& endpoint);
  void make_room(std::size_t most);

  zmq::context_t context_{1};
  std::size_t most_;
  std::size_t queue_;
  Connections by_use_; ///< the latest first
  std::unordered_map<std::string_view, Connections::iterator> by_endpoint_;
};

} // namespace registry_core
