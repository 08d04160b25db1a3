#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace registry_core {

/// Whether a socket at this address, as getsockname(2) says it, listens where this endpoint would be bound.
/// `localhost` is 127.0.0.1, `*` any address of either family.
bool listens_there(std::string_view address, std::string_view endpoint);

/// Sockets that listen already, passed on by who started this process (sd_listen_fds(3)). While the registry
/// restarts, they take connections that it then finds: nobody is refused. Owns the descriptors. One thread.
class ListeningSockets {
public:
  ListeningSockets() = default;
  ListeningSockets(ListeningSockets&& other) noexcept;
  ListeningSockets& operator=(ListeningSockets&& other) noexcept;
  ListeningSockets(const ListeningSockets&) = delete;
  ListeningSockets& operator=(const ListeningSockets&) = delete;
  /// Closes what nobody took.
  ~ListeningSockets();

  /// \param address where it listens, as getsockname(2) says it: `tcp://0.0.0.0:5555`, `tcp://[::]:5555`,
  /// `ipc://PATH`.
  void add(std::string address, int descriptor);

  /// The one that listens_there(); whoever took it owns it.
  std::optional<int> take(const std::string& endpoint);

  /// Where those listen that nobody took.
  [[nodiscard]] std::vector<std::string> left() const;

private:
  struct One {
    std::string address;
    int descriptor;
  };
  std::vector<One> sockets_;
};

} // namespace registry_core
