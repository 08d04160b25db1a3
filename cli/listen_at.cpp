#include "cli/listen_at.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

namespace cli {
namespace {

struct Freed {
  void operator()(addrinfo* found) const { ::freeaddrinfo(found); }
};
using Addresses = std::unique_ptr<addrinfo, Freed>;

std::string numeric(std::string_view host) {
  if (host == "*") return "0.0.0.0";
  if (host == "localhost") return "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return std::string(host.substr(1, host.size() - 2));
  return std::string(host);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0; // 65535 is the last one
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// Null for what is not such an endpoint.
Addresses address_of(const std::string& endpoint) {
  constexpr std::string_view scheme = "tcp://";
  const auto colon = endpoint.rfind(':');
  if (!endpoint.starts_with(scheme) || colon <= scheme.size()) return nullptr;
  const std::string port = endpoint.substr(colon + 1);
  if (!is_port(port)) return nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  const std::string host = numeric(std::string_view(endpoint).substr(scheme.size(), colon - scheme.size()));
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return nullptr;
  return Addresses(found);
}

bool bound_and_listening(int descriptor, const addrinfo& address) {
  constexpr int on = 1;
  constexpr int off = 0;
  constexpr int backlog = 4096; // who connects while nobody accepts
  if (::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return false;
  // As libzmq has it.
  if (address.ai_family == AF_INET6 &&
      ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
    return false;
  return ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && ::listen(descriptor, backlog) == 0;
}

} // namespace

std::optional<int> listen_at(const std::string& endpoint) {
  const Addresses address = address_of(endpoint);
  if (!address) return std::nullopt;
  const int descriptor = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return std::nullopt;
  if (bound_and_listening(descriptor, *address)) return descriptor;
  ::close(descriptor);
  return std::nullopt;
}

} // namespace cli
