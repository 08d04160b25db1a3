#include "registry_core/protocol/names.hpp"

#include "registry_core/protocol/digit.hpp"
#include "registry_core/protocol/plain_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <sys/un.h>

namespace protocol {

namespace {

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

template<std::size_t Size>
bool parses_as(int family, std::string_view address) {
  std::array<char, 64> text{};
  if (address.size() >= text.size()) return false;
  std::memcpy(text.data(), address.data(), address.size());
  std::array<unsigned char, Size> binary{};
  return inet_pton(family, text.data(), binary.data()) == 1;
}

bool is_ipv4(std::string_view address) {
  return parses_as<4>(AF_INET, address);
}

/// An address, with a zone (`%eth0`) or none.
bool is_ipv6(std::string_view address) {
  const std::size_t percent = address.find('%');
  if (percent == std::string_view::npos) return parses_as<16>(AF_INET6, address);
  const std::string_view zone = address.substr(percent + 1);
  return !zone.empty() && std::all_of(zone.begin(), zone.end(), is_host_character) &&
         parses_as<16>(AF_INET6, address.substr(0, percent));
}

/// RFC 1123 in its lengths and characters, `_` allowed. One that ends in a number is read as an address
/// everywhere (WHATWG, and getaddrinfo), so it must be one.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253 || !std::all_of(host.begin(), host.end(), is_host_character))
    return false;
  if (host.front() == '.' || host.front() == '-' || host.find("..") != std::string_view::npos) return false;
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !std::all_of(last.begin(), last.end(), is_digit) || is_ipv4(host);
}

bool is_port(std::string_view port) {
  if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return false;
  int number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return number >= 1 && number <= 65535;
}

bool has_control_character(std::string_view text) noexcept {
  for (std::size_t i = printable_prefix(text.data(), text.data() + text.size()); i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

} // namespace

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_name && !has_control_character(text);
}

bool is_manager_id(std::string_view text) noexcept {
  return is_name(text) && text.find_first_of("/*?[") == std::string_view::npos;
}

bool is_ip_address(std::string_view text) noexcept {
  return is_ipv4(text) || is_ipv6(text);
}

std::optional<TcpEndpoint> parse_tcp_endpoint(std::string_view text) noexcept {
  constexpr std::string_view scheme = "tcp://";
  if (!text.starts_with(scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  TcpEndpoint endpoint{text.substr(0, colon), text.substr(colon + 1), false};
  if (!is_port(endpoint.port)) return std::nullopt;
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.ipv6 = true;
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    return is_ipv6(endpoint.host) ? std::optional(endpoint) : std::nullopt;
  }
  return endpoint.host == "*" || is_host(endpoint.host) ? std::optional(endpoint) : std::nullopt;
}

bool is_wildcard_host(std::string_view host) noexcept {
  if (host == "*" || host == "0.0.0.0") return true;
  // The IPv6 wildcard has many spellings (`::`, `0:0::0`), all of zeros and colons.
  return host.find(':') != std::string_view::npos && host.find_first_not_of("0:") == std::string_view::npos;
}

bool is_loopback_host(std::string_view host) noexcept {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(host));
}

bool is_actor_endpoint(std::string_view text) noexcept {
  constexpr std::string_view ipc = "ipc://";
  if (!text.starts_with(ipc)) return parse_tcp_endpoint(text).has_value();
  const std::string_view path = text.substr(ipc.size());
  constexpr std::size_t room = sizeof(sockaddr_un::sun_path) - 1;
  return !path.empty() && path != "*" && path != "@" && path.size() <= room && !has_control_character(path);
}

std::string tcp_endpoint(std::string_view host, std::string_view port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string endpoint = brackets ? "tcp://[" : "tcp://";
  endpoint.append(host).append(brackets ? "]:" : ":").append(port);
  return endpoint;
}

} // namespace protocol
