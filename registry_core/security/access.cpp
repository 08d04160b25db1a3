#include "registry_core/security/access.hpp"

#include <algorithm>
#include <charconv>

namespace registry_core {

namespace {

/// `fe80::1%eth0` is in a network as `fe80::1`.
std::string_view without_zone(std::string_view address) {
  return address.substr(0, address.find('%'));
}

std::optional<std::size_t> endpoint_of(std::string_view domain) {
  std::size_t index = 0;
  const auto* const end = domain.data() + domain.size();
  const auto [stop, fault] = std::from_chars(domain.data(), end, index);
  if (fault != std::errc() || stop != end) return std::nullopt;
  return index;
}

} // namespace

void Access::set_clients(std::shared_ptr<const Clients> clients) {
  clients_ = clients ? std::move(clients) : std::make_shared<const Clients>();
}

bool Access::has_curve() const noexcept {
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [](const EndpointAccess& one) { return one.is_curve; });
}

bool Access::admits_address(std::size_t endpoint, std::string_view address) const {
  if (endpoint >= endpoints_.size()) return false;
  const auto& allowed = endpoints_[endpoint].allowed;
  return !allowed || allowed->contains(without_zone(address));
}

Access::Verdict Access::judge(const ConnectionRequest& request) const {
  const auto index = endpoint_of(request.domain);
  if (!index || !admits_address(*index, request.address)) return {Outcome::address_refused, nullptr};
  const EndpointAccess& endpoint = endpoints_[*index];
  if (!endpoint.is_curve) return {};
  std::shared_ptr<const Client> client;
  if (request.mechanism == "CURVE") client = clients_->find(request.key);
  if (!client) return {Outcome::unknown_key, nullptr};
  if (endpoint.is_for_listeners && !client->permissions.may_listen())
    return {Outcome::no_listener, std::move(client)};
  return {Outcome::admitted, std::move(client)};
}

} // namespace registry_core
