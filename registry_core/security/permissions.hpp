#pragma once

#include "registry_core/protocol/messages.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace registry_core {

/// What a client may do. Each list holds globs (glob_matches()); an absent one allows everything, an empty
/// one nothing. Pure.
struct Permissions {
  using Patterns = std::optional<std::vector<std::string>>;
  Patterns register_names;
  Patterns look_up;
  Patterns unregister; ///< absent: as register_names
  Patterns list;       ///< names of actors and of managers
  Patterns managers;   ///< ids that it may speak for

  [[nodiscard]] bool may_register(std::string_view actor_name) const;
  [[nodiscard]] bool may_look_up(std::string_view actor_name) const;
  [[nodiscard]] bool may_unregister(std::string_view actor_name) const;
  [[nodiscard]] bool may_speak_for(std::string_view manager_id) const;
  [[nodiscard]] bool may_list_actor(std::string_view actor_name) const;
  /// Those that it may speak for it may always list.
  [[nodiscard]] bool may_list_manager(std::string_view manager_id) const;
  /// Events tell of every name, so they are for those who may list every name.
  [[nodiscard]] bool may_listen() const;
  /// There is nothing that it may not do.
  [[nodiscard]] bool is_everything() const noexcept;
};

/// Whom the registry trusts.
struct Client {
  std::string name;
  std::string key; ///< its public key, Z85
  Permissions permissions;
};

/// What becomes of a client's request: nothing where it is allowed; else what stands in its place, a Refusal,
/// or the RegisterActors with a fault at each entry that is denied. What of a list may be seen is the
/// registry's to say.
std::optional<protocol::Request> restricted(const Client& client, const protocol::Request& request);

/// Clients by key. Never changes: a reload makes another one.
class Clients {
public:
  Clients() = default;
  explicit Clients(std::vector<Client> clients);

  /// Nullptr where the key is nobody's.
  [[nodiscard]] const std::shared_ptr<const Client>& find(std::string_view key) const;
  [[nodiscard]] std::size_t size() const noexcept { return by_key_.size(); }

private:
  std::unordered_map<std::string_view, std::shared_ptr<const Client>> by_key_; ///< keys are the clients' own
};

} // namespace registry_core
