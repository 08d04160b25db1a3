#include "registry_core/endpoints.hpp"

#include <algorithm>
#include <utility>

namespace registry_core {

const std::string& Endpoints::name(std::size_t index) const {
  if (index == actor_index()) return options_.actor_endpoint;
  return index == events_index() ? options_.events_endpoint : options_.endpoints.at(index);
}

bool Endpoints::is_curve(std::size_t index) const {
  const auto& curve = options_.curve_endpoints;
  return !name(index).empty() && std::find(curve.begin(), curve.end(), name(index)) != curve.end();
}

Binding Endpoints::binding(std::size_t index) const {
  Binding binding{name(index), Access::domain_of(index), std::nullopt};
  if (!is_curve(index)) return binding;
  if (!options_.secret_key)
    throw BindError("can't bind " + name(index) + " with CURVE: there is no key", name(index));
  binding.secret = options_.secret_key;
  return binding;
}

std::vector<Binding> Endpoints::router_bindings() const {
  std::vector<Binding> bindings;
  for (std::size_t i = 0; i < options_.endpoints.size(); ++i)
    bindings.push_back(binding(i));
  return bindings;
}

std::vector<EndpointAccess> Endpoints::access() const {
  const auto& allow = options_.settings.allow;
  std::vector<EndpointAccess> endpoints;
  for (std::size_t i = 0; i < size(); ++i) {
    EndpointAccess access;
    access.is_curve = is_curve(i);
    access.is_for_listeners = i == events_index();
    const auto allowed =
        std::find_if(allow.begin(), allow.end(), [&](const auto& one) { return one.endpoint == name(i); });
    if (allowed != allow.end()) access.allowed.emplace(allowed->networks);
    endpoints.push_back(std::move(access));
  }
  return endpoints;
}

} // namespace registry_core
