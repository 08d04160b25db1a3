#include "config/rules.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

namespace config {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(),
                       [c](auto set) { return set.find(c) != std::string_view::npos; });
  });
}

/// How many bytes the control character at `at` has; zero where there is none. The text is UTF-8: U+0080 to
/// U+009F are C2 80 to C2 9F.
std::size_t control_character(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return 1;
  return byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0 ? 2 : 0;
}

bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (control_character(text, i) > 0) return true;
  return false;
}

/// U+FDD0 to U+FDEF, and the last two of each plane. The text is UTF-8.
bool has_noncharacter(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (byte(i - 2) == 0xef && byte(i - 1) == 0xb7 && byte(i) >= 0x90 && byte(i) <= 0xaf) return true;
    const bool ends_plane = byte(i) >= 0xbe && byte(i - 1) == 0xbf;
    if (ends_plane && byte(i - 2) == 0xef) return true;
    if (ends_plane && i > 2 && (byte(i - 2) & 0xcfU) == 0x8f && byte(i - 3) >= 0xf0) return true;
  }
  return false;
}

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

/// Of `tcp://HOST:PORT`: HOST. Empty where there is no port.
std::string_view tcp_host(std::string_view endpoint) {
  endpoint.remove_prefix(std::min(endpoint.size(), std::string_view("tcp://").size()));
  return endpoint.substr(0, endpoint.rfind(':') == std::string_view::npos ? 0 : endpoint.rfind(':'));
}

std::string why_not_tcp(std::string_view text, EndpointUse use) {
  const auto host = tcp_host(text);
  if (host.empty()) return "expected tcp://HOST:PORT";
  const auto port = number(text.substr(text.rfind(':') + 1), 65535);
  if (!port || *port == 0) return "expected a port from 1 to 65535 after the last ':'";
  if (is_wildcard(text)) return use == EndpointUse::bind ? "" : "others can't connect to a wildcard host";
  if (host.front() == '[') {
    const auto address = host.substr(1, host.size() - 2);
    const auto without_zone = address.substr(0, address.find('%'));
    return host.back() == ']' && is_address(AF_INET6, without_zone) ? ""
                                                                    : "expected an IPv6 address in brackets";
  }
  if (host.find(':') != std::string_view::npos)
    return "expected an IPv6 address in brackets, tcp://[ADDRESS]:PORT";
  return consists_of(host, {letters, digits, "-._"}) ? "" : "expected a host's name or address";
}

std::string why_not_ipc(std::string_view path) {
  constexpr auto longest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty()) return "expected ipc://PATH";
  return path.size() <= longest ? "" : "a socket's path has at most " + std::to_string(longest) + " bytes";
}

/// Edits (insert, remove, replace, swap two neighbours) from one to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

} // namespace

std::string why_not_text(std::string_view text) {
  return text.empty() ? "is empty" : why_not_argument(text);
}

std::string why_not_argument(std::string_view text) {
  if (has_control_character(text)) return "has a control character";
  return has_noncharacter(text) ? "has a noncharacter of Unicode" : "";
}

std::string why_not_id(std::string_view text) {
  if (text.size() > 255) return "has more than 255 bytes";
  if (auto why = why_not_text(text); !why.empty()) return why;
  const auto bad = text.find_first_of("/*?[");
  return bad == std::string_view::npos ? "" : std::string("has a '") + text[bad] + "'";
}

std::string why_not_endpoint(std::string_view text, EndpointUse use) {
  if (has_control_character(text) || text.find(' ') != std::string_view::npos)
    return "has a space or a control character";
  if (text.starts_with("tcp://")) return why_not_tcp(text, use);
  if (text.starts_with("ipc://")) return why_not_ipc(text.substr(6));
  return "expected tcp://HOST:PORT or ipc://PATH";
}

bool is_wildcard(std::string_view endpoint) {
  if (!endpoint.starts_with("tcp://")) return false;
  const auto host = tcp_host(endpoint);
  return host == "*" || host == "0.0.0.0" || host == "[::]";
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_loopback(std::string_view endpoint) {
  if (endpoint.starts_with("ipc://")) return true;
  const auto host = tcp_host(endpoint);
  return host == "[::1]" || is_loopback_host(host);
}

std::string metrics_address(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  const bool port_alone = text.find(':') == std::string_view::npos;
  const std::string loopback = "127.0.0.1";
  if (port_alone) return loopback + ":" + std::string(text);
  return text.front() == ':' ? loopback + std::string(text) : std::string(text);
}

std::string why_not_metrics_endpoint(std::string_view text) {
  if (text.empty()) return "expected HOST:PORT";
  const std::string endpoint = "tcp://" + metrics_address(text);
  return why_not_endpoint(endpoint, EndpointUse::bind).empty() ? "" : "expected HOST:PORT, or a port";
}

std::string why_not_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const bool v4 = is_address(AF_INET, address);
  if (!v4 && !is_address(AF_INET6, address)) return "expected an address, with /PREFIX for a network";
  const unsigned longest = v4 ? 32 : 128;
  if (slash == std::string_view::npos || number(text.substr(slash + 1), longest)) return "";
  return "expected a prefix from 0 to " + std::to_string(longest) + " after the '/'";
}

std::string why_not_user(std::string_view text) {
  const bool fits = !text.empty() && text.size() <= 32 && text.front() != '-' &&
                    consists_of(text, {letters, digits, "-._$"});
  return fits ? "" : "expected a user's name";
}

std::string why_not_variable(std::string_view text) {
  const bool fits = !text.empty() && digits.find(text.front()) == std::string_view::npos &&
                    consists_of(text, {letters, digits, "_"});
  return fits ? "" : "expected a variable's name: letters, digits and '_', no digit first";
}

std::string why_not_program(std::string_view text) {
  if (auto why = why_not_text(text); !why.empty()) return why;
  if (text.front() != '/') return "expected an absolute path";
  if (text.back() == '/') return "expected a program, not a folder";
  const auto bad = text.find_first_of("'\"\\$");
  if (bad != std::string_view::npos)
    return std::string("has a ") + text[bad] + ", which systemd takes in no program's path";
  const auto way = std::string(text) + "/";
  return way.find("/./") == std::string::npos && way.find("/../") == std::string::npos
             ? ""
             : "has a '.' or '..' on its way";
}

std::string why_not_size(std::string_view text) {
  constexpr std::size_t most_digits = 15;
  if (text == "infinity") return "";
  const auto digits_end = std::min(text.find_first_not_of(digits), text.size());
  const auto power = text.substr(digits_end);
  const bool fits =
      digits_end > 0 && digits_end <= most_digits && power.size() <= 1 && consists_of(power, {"KMGT"});
  return fits ? "" : "expected a size as \"512M\" or \"2G\" (K, M, G, T), or \"infinity\"";
}

std::string why_not_cpu_quota(std::string_view text) {
  const auto percent = text.ends_with('%') ? number(text.substr(0, text.size() - 1), 100'000) : std::nullopt;
  return percent && *percent > 0 ? "" : "expected a share of one processor's time, as \"50%\" or \"200%\"";
}

bool is_curve_key(std::string_view text) {
  constexpr std::string_view alphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  constexpr std::size_t key_size = 40;
  constexpr std::size_t group = 5;
  if (text.size() != key_size || !consists_of(text, {alphabet})) return false;
  for (std::size_t at = 0; at < key_size; at += group) { // five characters are four bytes, and no more
    std::uint64_t value = 0;
    for (const char c : text.substr(at, group))
      value = value * alphabet.size() + alphabet.find(c);
    if (value > UINT32_MAX) return false;
  }
  return true;
}

std::string_view nearest(std::string_view text, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 64; // of two long texts the distance takes long to find
  std::string_view best;
  auto least = std::max<std::size_t>(1, text.size() / 3) + 1;
  if (text.size() > longest) return best;
  for (const auto candidate : known) {
    if (candidate.size() > longest) continue;
    const auto [shorter, longer] = std::minmax({text.size(), candidate.size()});
    if (longer - shorter >= least) continue;
    const auto edits = distance(text, candidate);
    if (edits < least && edits < candidate.size()) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool inside_character = (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80;
    if (i >= longest && !inside_character) return out + "...";
    auto escaped = control_character(text, i);
    if (escaped == 0) out += text[i];
    for (; escaped > 0; --escaped) {
      const auto byte = static_cast<unsigned char>(text[i]);
      out += {'\\', 'x', hex[byte >> 4U], hex[byte & 15U]};
      if (escaped > 1) ++i;
    }
  }
  return out;
}

std::string why_not_bind(std::string_view text) {
  return why_not_endpoint(text, EndpointUse::bind);
}

std::string in_quotes(std::string_view text) {
  return "'" + printable(text) + "'";
}

} // namespace config
