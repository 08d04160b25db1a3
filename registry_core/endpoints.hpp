#pragma once

#include "registry_core/security/access.hpp"
#include "registry_core/server.hpp"
#include "registry_core/sockets.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace registry_core {

/// The endpoints of a server by their place: those of the ROUTER, the PULL's, the XPUB's. The last two are
/// empty where there are none.
class Endpoints {
public:
  /// \param options live as long as this.
  explicit Endpoints(const ServerOptions& options) : options_(options) {}

  [[nodiscard]] std::size_t actor_index() const noexcept { return options_.endpoints.size(); }
  [[nodiscard]] std::size_t events_index() const noexcept { return options_.endpoints.size() + 1; }
  [[nodiscard]] std::size_t size() const noexcept { return options_.endpoints.size() + 2; }

  /// How one is bound. \throws BindError where it is one with CURVE and there is no key.
  [[nodiscard]] Binding binding(std::size_t index) const;
  [[nodiscard]] std::vector<Binding> router_bindings() const;
  [[nodiscard]] bool is_curve(std::size_t index) const;
  /// What each asks of those who connect, by the settings that are in force. \throws std::invalid_argument
  /// for a wrong network.
  [[nodiscard]] std::vector<EndpointAccess> access() const;

private:
  [[nodiscard]] const std::string& name(std::size_t index) const;

  const ServerOptions& options_;
};

} // namespace registry_core
