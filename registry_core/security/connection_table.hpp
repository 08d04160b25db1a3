#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace registry_core {

/// The connections that the registry's sockets hold, by descriptor. Pure. One thread.
class ConnectionTable {
public:
  struct Connection {
    std::size_t endpoint = 0; ///< by its place among all
    std::string address;      ///< as peer_host() gives it; empty: on this machine
    std::string user = {};    ///< of a listener: who it is, once it has subscribed
    std::size_t topics = 0;   ///< of a listener: bytes that it has sent of them; see add_topics()
  };
  struct Limits {
    std::size_t all = SIZE_MAX;
    /// Processes of this machine share one address, so they count among all alone.
    std::size_t of_an_address = SIZE_MAX;
  };
  enum class Verdict : std::uint8_t { admitted, too_many, too_many_of_address };

  void set_limits(Limits limits) noexcept { limits_ = limits; }
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }

  /// A new connection; one that had its descriptor is gone. It is in the table only if it is admitted.
  Verdict add(int descriptor, Connection connection);
  void remove(int descriptor);

  /// Nullptr where there is none; good until the next change.
  Connection* find(int descriptor);
  /// A listener, which is in the table, names topics of so many bytes more.
  void add_topics(Connection& listener, std::size_t bytes);
  /// What listeners have named beyond a little that each may.
  [[nodiscard]] std::size_t shared_topics() const noexcept { return shared_topics_; }
  /// The listener that has named most; absent where nobody has named any.
  [[nodiscard]] std::optional<int> busiest_listener() const;
  [[nodiscard]] std::size_t size() const noexcept { return connections_.size(); }
  [[nodiscard]] std::size_t of_endpoint(std::size_t endpoint) const;
  [[nodiscard]] std::size_t of_address(const std::string& address) const;
  /// Descriptors of those from an address.
  [[nodiscard]] std::vector<int> from(const std::string& address) const;
  /// Descriptors of those that `fits(Connection)` says so of.
  template<typename Fits>
  [[nodiscard]] std::vector<int> which(Fits fits) const {
    std::vector<int> found;
    for (const auto& [descriptor, connection] : connections_)
      if (fits(connection)) found.push_back(descriptor);
    return found;
  }

private:
  Limits limits_;
  std::unordered_map<int, Connection> connections_;
  std::unordered_map<std::string, std::unordered_set<int>> by_address_;
  std::vector<std::size_t> by_endpoint_;
  std::size_t shared_topics_ = 0;
};

} // namespace registry_core
