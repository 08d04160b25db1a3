#include "registry_core/listening_sockets.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace registry_core {

bool listens_there(std::string_view address, std::string_view endpoint) {
  constexpr std::string_view any = "tcp://*:";
  constexpr std::string_view name = "tcp://localhost:";
  const auto is = [&](std::string_view host, std::string_view port) {
    return address.starts_with(host) && address.substr(host.size()) == port;
  };
  if (endpoint.starts_with(any))
    return is("tcp://0.0.0.0:", endpoint.substr(any.size())) ||
           is("tcp://[::]:", endpoint.substr(any.size()));
  if (endpoint.starts_with(name)) return is("tcp://127.0.0.1:", endpoint.substr(name.size()));
  return address == endpoint;
}

ListeningSockets::ListeningSockets(ListeningSockets&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})) {}

ListeningSockets& ListeningSockets::operator=(ListeningSockets&& other) noexcept {
  std::swap(sockets_, other.sockets_);
  return *this;
}

ListeningSockets::~ListeningSockets() {
  for (const auto& one : sockets_)
    ::close(one.descriptor);
}

void ListeningSockets::add(std::string address, int descriptor) {
  sockets_.push_back({std::move(address), descriptor});
}

std::optional<int> ListeningSockets::take(const std::string& endpoint) {
  const auto found = std::find_if(sockets_.begin(), sockets_.end(),
                                  [&](const One& one) { return listens_there(one.address, endpoint); });
  if (found == sockets_.end()) return std::nullopt;
  const int descriptor = found->descriptor;
  sockets_.erase(found);
  return descriptor;
}

std::vector<std::string> ListeningSockets::left() const {
  std::vector<std::string> addresses;
  for (const auto& one : sockets_)
    addresses.push_back(one.address);
  return addresses;
}

} // namespace registry_core
