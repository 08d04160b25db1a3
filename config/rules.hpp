#pragma once

#include <span>
#include <string>
#include <string_view>

namespace config {

// What a value must be. Each `why_not_…` gives what is wrong with it, or an empty string.

/// 1 to 255 bytes without control characters and without any of `/ * ? [`: manager ids (the registry
/// protocol's rule) and host names (which stand beside them on a command line, as `HOST/ID`).
std::string why_not_id(std::string_view text);

/// Not empty, no control characters (RFC 20's, DEL, and U+0080 to U+009F): they would reach terminals and
/// unit files. No noncharacters of Unicode either: systemd passes over a line of a unit file that has one.
std::string why_not_text(std::string_view text);

/// The same, but it may be empty: a program's argument, a variable's value.
std::string why_not_argument(std::string_view text);

/// The path of a program as systemd takes it in ExecStart (systemd.service(5)): absolute, without quotes,
/// `\\` and `$`, no folder, no `.` or `..` on the way.
std::string why_not_program(std::string_view text);

/// A size as systemd.resource-control(5) has it: digits, and K, M, G or T of 1024; or `infinity`.
std::string why_not_size(std::string_view text);

/// `150%`: a whole number from 1% to 100000%.
std::string why_not_cpu_quota(std::string_view text);

enum class EndpointUse { bind, connect };

/// `tcp://HOST:PORT`, IPv6 in brackets, or `ipc://PATH`; a wildcard host is only for binding (zmq_tcp(7),
/// zmq_ipc(7)).
std::string why_not_endpoint(std::string_view text, EndpointUse use);
/// As one to bind.
std::string why_not_bind(std::string_view text);

/// `HOST:PORT`, IPv6 in brackets, with `tcp://` in front or not; a port alone is on the loopback address. The
/// port is 1 to 65535. Where nothing is wrong, metrics_address() gives it as `HOST:PORT`.
std::string why_not_metrics_endpoint(std::string_view text);
std::string metrics_address(std::string_view text);

/// True for `localhost`, what is in 127.0.0.0/8, and `::1`.
bool is_loopback_host(std::string_view host);
/// True where the endpoint's host is `localhost`, in 127.0.0.0/8 or `[::1]`, or it is an ipc one.
bool is_loopback(std::string_view endpoint);

/// True for a tcp endpoint whose host is `*`, `0.0.0.0` or `[::]`.
bool is_wildcard(std::string_view endpoint);

/// `192.0.2.0/24`, `2001:db8::/32`, or an address alone.
std::string why_not_network(std::string_view text);

/// A user's name as useradd(8) has it.
std::string why_not_user(std::string_view text);

/// A variable's name as environ(7) and systemd.exec(5) have it: letters, digits and `_`, no digit first.
std::string why_not_variable(std::string_view text);

/// A CURVE key as text: 32 bytes as 40 characters (ZeroMQ RFC 32, Z85).
bool is_curve_key(std::string_view text);

/// The one of `known` nearest to `text`, if it is near enough to be a typing mistake; empty otherwise.
std::string_view nearest(std::string_view text, std::span<const std::string_view> known);

/// The text for messages: control characters as `\xNN`, shortened after 80 bytes.
std::string printable(std::string_view text);

/// The same as `'text'`.
std::string in_quotes(std::string_view text);

} // namespace config
