#pragma once

#include "registry_core/networks.hpp"
#include "registry_core/security/permissions.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace registry_core {

/// What one endpoint asks of those who connect.
struct EndpointAccess {
  bool is_curve = false;
  bool is_for_listeners = false;   ///< events: see Permissions::may_listen()
  std::optional<Networks> allowed; ///< absent: every address
};

/// A question of libzmq's about a connection in its handshake (ZeroMQ RFC 27, ZAP).
struct ConnectionRequest {
  std::string domain;
  std::string address;
  std::string mechanism;
  std::string key; ///< of a CURVE client, Z85
};

/// Who may connect, and who it is that speaks. Pure. One thread.
class Access {
public:
  enum class Outcome : std::uint8_t { admitted, unknown_key, no_listener, address_refused };
  struct Verdict {
    Outcome outcome = Outcome::admitted;
    std::shared_ptr<const Client> client; ///< of a CURVE endpoint
  };

  /// \param endpoints by domain: see domain_of().
  void set_endpoints(std::vector<EndpointAccess> endpoints) { endpoints_ = std::move(endpoints); }
  void set_clients(std::shared_ptr<const Clients> clients);

  [[nodiscard]] Verdict judge(const ConnectionRequest& request) const;
  /// Whether a connection from there to that endpoint may live.
  [[nodiscard]] bool admits_address(std::size_t endpoint, std::string_view address) const;
  /// Whom a message is from. \param user_id as the ZAP reply named him. Nullptr: nobody who is trusted. Good
  /// until the next set_clients().
  [[nodiscard]] const std::shared_ptr<const Client>& client(std::string_view user_id) const {
    return clients_->find(user_id);
  }
  /// Whether there is any endpoint with CURVE.
  [[nodiscard]] bool has_curve() const noexcept;

  /// The ZAP domain of an endpoint, by its place in set_endpoints().
  static std::string domain_of(std::size_t endpoint) { return std::to_string(endpoint); }
  /// What those are called who come without a key.
  static constexpr std::string_view plain_user = "-";

private:
  std::vector<EndpointAccess> endpoints_;
  std::shared_ptr<const Clients> clients_ = std::make_shared<const Clients>();
};

} // namespace registry_core
