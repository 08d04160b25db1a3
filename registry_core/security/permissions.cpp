#include "registry_core/security/permissions.hpp"

#include "registry_core/glob.hpp"

#include <algorithm>

namespace registry_core {

namespace {

bool fits(const Permissions::Patterns& patterns, std::string_view name) {
  return !patterns || std::any_of(patterns->begin(), patterns->end(),
                                  [&](const std::string& pattern) { return glob_matches(pattern, name); });
}

using Denied = std::optional<std::string>; ///< what it may not do

/// One overload a request.
class Judge {
public:
  explicit Judge(const Client& client) : client_(client), may_(client.permissions) {}

  Denied operator()(const protocol::Refusal&) const { return {}; }
  Denied operator()(const protocol::RegistryInfo&) const { return {}; }
  Denied operator()(const protocol::ListActors&) const { return {}; }
  Denied operator()(const protocol::ListManagers&) const { return {}; }
  Denied operator()(const protocol::RegisterActor& request) const {
    if (auto denied = speaking_for(request.manager_id)) return denied;
    return registering(request.actor_name);
  }
  /// Its names are judged each by itself.
  Denied operator()(const protocol::RegisterActors& request) const {
    return speaking_for(request.manager_id);
  }
  Denied operator()(const protocol::UnregisterActor& request) const {
    if (request.manager_id) {
      if (auto denied = speaking_for(*request.manager_id)) return denied;
    }
    if (may_.may_unregister(request.actor_name)) return {};
    return denial("unregister '", request.actor_name);
  }
  Denied operator()(const protocol::LookupActor& request) const { return looking_up(request.actor_name); }
  Denied operator()(const protocol::LookupActors& request) const {
    for (const auto name : request.actor_names)
      if (auto denied = looking_up(name)) return denied;
    return {};
  }
  Denied operator()(const protocol::Heartbeat& request) const { return speaking_for(request.manager_id); }
  Denied operator()(const protocol::UnregisterManager& request) const {
    return speaking_for(request.manager_id);
  }
  Denied operator()(const protocol::ExpectOffline& request) const { return speaking_for(request.manager_id); }

  [[nodiscard]] Denied registering(std::string_view name) const {
    if (may_.may_register(name)) return {};
    return denial("register '", name);
  }

private:
  [[nodiscard]] Denied speaking_for(std::string_view id) const {
    if (may_.may_speak_for(id)) return {};
    return denial("speak for manager '", id);
  }
  [[nodiscard]] Denied looking_up(std::string_view name) const {
    if (may_.may_look_up(name)) return {};
    return denial("look up '", name);
  }
  [[nodiscard]] std::string denial(const char* deed, std::string_view name) const {
    return "client '" + client_.name + "' may not " + deed + std::string(name) + "'";
  }

  const Client& client_;
  const Permissions& may_;
};

protocol::Refusal refusal(const protocol::Request& request, std::string why) {
  protocol::Refusal refusal{protocol::ErrorCode::not_authorized, std::move(why), false, {}};
  if (const auto* one = std::get_if<protocol::RegisterActor>(&request)) {
    refusal.is_registration = true;
    refusal.actor_name = one->actor_name;
  } else if (const auto* other = std::get_if<protocol::UnregisterActor>(&request)) {
    refusal.is_registration = true;
    refusal.actor_name = other->actor_name;
  }
  return refusal;
}

} // namespace

bool Permissions::may_register(std::string_view actor_name) const {
  return fits(register_names, actor_name);
}
bool Permissions::may_look_up(std::string_view actor_name) const {
  return fits(look_up, actor_name);
}
bool Permissions::may_unregister(std::string_view actor_name) const {
  return fits(unregister ? unregister : register_names, actor_name);
}
bool Permissions::may_speak_for(std::string_view manager_id) const {
  return fits(managers, manager_id);
}
bool Permissions::may_list_actor(std::string_view actor_name) const {
  return fits(list, actor_name);
}
bool Permissions::may_list_manager(std::string_view manager_id) const {
  return fits(list, manager_id) || (managers && fits(managers, manager_id));
}
bool Permissions::may_listen() const {
  return !list || std::find(list->begin(), list->end(), "*") != list->end();
}
bool Permissions::is_everything() const noexcept {
  return !register_names && !look_up && !unregister && !list && !managers;
}

std::optional<protocol::Request> restricted(const Client& client, const protocol::Request& request) {
  if (client.permissions.is_everything()) return {};
  const Judge judge(client);
  if (auto why = std::visit(judge, request)) return refusal(request, std::move(*why));
  const auto* batch = std::get_if<protocol::RegisterActors>(&request);
  if (!batch) return {};
  auto marked = *batch;
  for (auto& entry : marked.actors) {
    if (!entry.fault.empty()) continue;
    if (auto why = judge.registering(entry.actor_name)) {
      entry.fault = std::move(*why);
      entry.fault_code = protocol::ErrorCode::not_authorized;
    }
  }
  return marked;
}

Clients::Clients(std::vector<Client> clients) {
  for (auto& client : clients) {
    auto shared = std::make_shared<const Client>(std::move(client));
    const std::string_view key = shared->key;
    by_key_.emplace(key, std::move(shared));
  }
}

const std::shared_ptr<const Client>& Clients::find(std::string_view key) const {
  static const std::shared_ptr<const Client> nobody;
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nobody : found->second;
}

} // namespace registry_core
