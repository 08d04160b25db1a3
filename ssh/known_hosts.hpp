#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Lines of a known_hosts file, as sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", has them. Pure: no file is read
/// here.
namespace ssh::known_hosts {

enum class Marker { none, revoked, cert_authority, unknown };

/// One line that names a key. Views into the text that was parsed.
struct Line {
  std::size_t number = 0; ///< 1-based
  Marker marker = Marker::none;
  std::string_view names; ///< patterns, comma-separated, or `|1|salt|hash`
  std::string_view key_type;
  std::string_view base64;
};

/// All lines of the text that name a key; comments, empty and malformed lines are left out. Never throws but
/// for memory.
std::vector<Line> parse(std::string_view text);

/// The name that a host is looked up by: `host`, or `[host]:port` where the port is not 22; in lower case.
std::string lookup_name(std::string_view host, unsigned port);

/// Says whether a line's names cover the host. A negated pattern that fits wins over all others.
bool matches(const Line& line, std::string_view name);

/// Whether a line's names hold a wildcard or a negation, so that it may stand for other hosts as well.
bool has_wildcard(const Line& line);

/// Compares two key blobs, whatever their padding; two that can't be decoded are compared as text.
bool same_key(std::string_view base64, std::string_view other_base64);

/// A key blob in base64, and back; nothing where it is no base64.
std::string encode_key(std::string_view blob);
std::optional<std::string> decode_key(std::string_view base64);

/// `|1|salt|hash` for a name, with a fresh salt. \throws std::runtime_error where there is no randomness.
std::string hash_name(std::string_view name);

} // namespace ssh::known_hosts
