#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace protocol {

/// The longest actor name, manager id, instance or process field, in bytes.
inline constexpr std::size_t longest_name = 255;

/// 1 to 255 bytes without control characters (U+0000 to U+001F, U+007F to U+009F). \param text well-formed
/// UTF-8.
bool is_name(std::string_view text) noexcept;

/// A name with none of `/ * ? [`.
bool is_manager_id(std::string_view text) noexcept;

/// An IPv4 or IPv6 address, the latter with a zone (`%eth0`) or none.
bool is_ip_address(std::string_view text) noexcept;

/// The parts of `tcp://host:port`.
struct TcpEndpoint {
  std::string_view host; ///< without the brackets of an IPv6 address
  std::string_view port;
  bool ipv6 = false; ///< the host stood in brackets
};

/// Empty where the text is no `tcp://host:port` with a host name, IPv4 address, IPv6 address in brackets or
/// `*`, and a port from 1 to 65535.
std::optional<TcpEndpoint> parse_tcp_endpoint(std::string_view text) noexcept;

/// A host that is bound to, never connected to: `*`, `0.0.0.0`, `::`.
bool is_wildcard_host(std::string_view host) noexcept;

/// `localhost`, 127.0.0.0/8, `::1`.
bool is_loopback_host(std::string_view host) noexcept;

/// What a registration may name: a TCP endpoint as above, or `ipc://path` (`ipc://@name` for Linux's abstract
/// names) that fits into a socket address.
bool is_actor_endpoint(std::string_view text) noexcept;

/// `tcp://host:port`, an IPv6 address put in brackets.
std::string tcp_endpoint(std::string_view host, std::string_view port);

} // namespace protocol
