#include "registry_core/security/connection_table.hpp"

#include "registry_core/protocol/names.hpp"

#include <utility>

namespace registry_core {

ConnectionTable::Verdict ConnectionTable::add(int descriptor, Connection connection) {
  remove(descriptor);
  if (connections_.size() >= limits_.all) return Verdict::too_many;
  const auto& address = connection.address;
  const bool is_here = address.empty() || protocol::is_loopback_host(address);
  if (!is_here && of_address(address) >= limits_.of_an_address) return Verdict::too_many_of_address;
  by_address_[address].insert(descriptor);
  if (by_endpoint_.size() <= connection.endpoint) by_endpoint_.resize(connection.endpoint + 1);
  ++by_endpoint_[connection.endpoint];
  connections_.emplace(descriptor, std::move(connection));
  return Verdict::admitted;
}

void ConnectionTable::remove(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  const auto address = by_address_.find(found->second.address);
  address->second.erase(descriptor);
  if (address->second.empty()) by_address_.erase(address);
  --by_endpoint_[found->second.endpoint];
  connections_.erase(found);
}

ConnectionTable::Connection* ConnectionTable::find(int descriptor) {
  const auto found = connections_.find(descriptor);
  return found == connections_.end() ? nullptr : &found->second;
}

std::size_t ConnectionTable::of_endpoint(std::size_t endpoint) const {
  return endpoint < by_endpoint_.size() ? by_endpoint_[endpoint] : 0;
}

std::size_t ConnectionTable::of_address(const std::string& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? 0 : found->second.size();
}

std::vector<int> ConnectionTable::from(const std::string& address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

} // namespace registry_core
