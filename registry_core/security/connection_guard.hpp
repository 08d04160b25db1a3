#pragma once

#include "registry_core/security/connection_table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <zmq.hpp>

namespace registry_core {

/// An endpoint as it was bound, and its place among all.
struct GuardedEndpoint {
  std::string bound;
  std::size_t index = 0;
};

/// Sees every connection that a socket accepts (zmq_socket_monitor(3)), keeps the table of them, and ends
/// those that may not be. libzmq has accepted it by then and takes nothing of it before its handshake. One
/// thread, the socket's.
class ConnectionGuard {
public:
  enum class Refused : std::uint8_t { too_many, too_many_of_address, handshake, no_descriptor };
  /// Called for each that is refused; the address is empty where it is not known.
  using OnRefused = std::function<void(Refused, const std::string& address)>;

  /// Before the socket is bound, so that it misses nobody. \throws zmq::error_t.
  ConnectionGuard(zmq::context_t& context, zmq::socket_t& socket, ConnectionTable& table,
                  OnRefused on_refused);
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;
  /// Before the socket goes.
  ~ConnectionGuard();

  /// What was bound.
  void set_endpoints(std::vector<GuardedEndpoint> endpoints) { endpoints_ = std::move(endpoints); }

  [[nodiscard]] int descriptor() { return monitor_.get(zmq::sockopt::fd); }
  /// Takes note of at most so many comings and goings. Does not wait. \returns whether there may be more.
  bool work(int most);
  /// How many have gone so far.
  [[nodiscard]] std::uint64_t goings() const noexcept { return goings_; }

private:
  void accepted(int descriptor, const std::string& bound);
  bool make_room(const std::string& address);

  zmq::socket_t& socket_;
  ConnectionTable& table_;
  OnRefused on_refused_;
  zmq::socket_t monitor_;
  std::vector<GuardedEndpoint> endpoints_;
  std::uint64_t too_many_ = 0; ///< of an address, so far
  std::uint64_t goings_ = 0;
};

} // namespace registry_core
