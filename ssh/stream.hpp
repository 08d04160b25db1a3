#pragma once

#include "ssh/error.hpp"
#include "ssh/unique_fd.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace ssh {

/// What carries a host's bytes where that is no TCP connection of our own: a jump host's channel, a
/// ProxyCommand. It ends with its last owner. Any thread.
class Tunnel {
public:
  Tunnel() = default;
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;
  virtual ~Tunnel() = default;

  /// Why it ended, once its socket says that it did; empty where the host itself ended it.
  virtual std::optional<Error> failure() = 0;
};

/// A socket to a host, and what has to live for as long as it is used.
struct Stream {
  UniqueFd socket;
  std::shared_ptr<Tunnel> tunnel; ///< null for TCP

  Stream() = default;
  Stream(UniqueFd tcp) : socket(std::move(tcp)) {} // NOLINT(google-explicit-constructor): a socket is one
  Stream(UniqueFd end, std::shared_ptr<Tunnel> behind) : socket(std::move(end)), tunnel(std::move(behind)) {}
};

} // namespace ssh
