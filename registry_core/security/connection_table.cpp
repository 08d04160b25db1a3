#include "registry_core/security/connection_table.hpp"

#include "registry_core/protocol/names.hpp"

#include <algorithm>
#include <utility>

namespace registry_core {

namespace {

/// What an honest listener names.
constexpr std::size_t topics_of_ones_own = 256;

std::size_t shared_part(const ConnectionTable::Connection& listener) {
  return listener.topics - std::min(listener.topics, topics_of_ones_own);
}

} // namespace

ConnectionTable::Verdict ConnectionTable::add(int descriptor, Connection connection) {
  remove(descriptor);
  if (connections_.size() >= limits_.all) return Verdict::too_many;
  const auto& address = connection.address;
  const bool is_here = address.empty() || protocol::is_loopback_host(address);
  if (!is_here && of_address(address) >= limits_.of_an_address) return Verdict::too_many_of_address;
  by_address_[address].insert(descriptor);
  if (by_endpoint_.size() <= connection.endpoint) by_endpoint_.resize(connection.endpoint + 1);
  ++by_endpoint_[connection.endpoint];
  shared_topics_ += shared_part(connection);
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
  shared_topics_ -= shared_part(found->second);
  connections_.erase(found);
}

ConnectionTable::Connection* ConnectionTable::find(int descriptor) {
  const auto found = connections_.find(descriptor);
  return found == connections_.end() ? nullptr : &found->second;
}

void ConnectionTable::add_topics(Connection& listener, std::size_t bytes) {
  shared_topics_ -= shared_part(listener);
  listener.topics += bytes;
  shared_topics_ += shared_part(listener);
}

std::optional<int> ConnectionTable::busiest_listener() const {
  const auto busiest =
      std::max_element(connections_.begin(), connections_.end(), [](const auto& one, const auto& other) {
        return one.second.topics < other.second.topics;
      });
  if (busiest == connections_.end() || busiest->second.topics == 0) return std::nullopt;
  return busiest->first;
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
