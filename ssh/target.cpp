#include "ssh/target.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace ssh {

namespace {

[[noreturn]] void refuse(std::string_view what) {
  throw std::invalid_argument(std::string(what));
}

/// Control characters, white space and DEL; bytes over 127 stand (an alias of ssh_config may be UTF-8).
bool unfit(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value <= ' ' || value == 0x7f;
}

std::uint16_t parse_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 65535)
    refuse("the port must be a number from 1 to 65535");
  return static_cast<std::uint16_t>(value);
}

void check_user(std::string_view user) {
  if (user.empty()) refuse("the user before '@' is empty");
  if (user.front() == '-') refuse("the user must not begin with '-'");
}

void check_host(std::string_view host) {
  if (host.empty()) refuse("the host is empty");
  if (host.front() == '-') refuse("the host must not begin with '-'");
  // '/' and brackets fit no host name; '@' would be taken for another user by `ssh`.
  if (host.find_first_of("/[]@'\"`$\\;&<>|(){}*?!#") != std::string_view::npos)
    refuse("the host holds a character that no host name has");
}

/// `[address]` or `[address]:port`, as IPv6 needs it.
void parse_bracketed(std::string_view text, Target& target) {
  const auto close = text.find(']');
  if (close == std::string_view::npos) refuse("'[' without ']'");
  target.host = text.substr(1, close - 1);
  const auto rest = text.substr(close + 1);
  if (rest.empty()) return;
  if (rest.front() != ':') refuse("after ']' only ':port' may follow");
  target.port = parse_port(rest.substr(1));
}

void parse_plain(std::string_view text, Target& target) {
  const auto first = text.find(':');
  if (first == std::string_view::npos || text.find(':', first + 1) != std::string_view::npos) {
    target.host = text; // no colon, or an IPv6 address without brackets
    return;
  }
  target.host = text.substr(0, first);
  target.port = parse_port(text.substr(first + 1));
}

} // namespace

Target parse_target(std::string_view text) {
  if (text.empty()) refuse("the target is empty");
  if (std::any_of(text.begin(), text.end(), unfit))
    refuse("white space and control characters are not allowed in a target");
  Target target;
  // The last '@': a user name may hold one, a host can't.
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    target.user = text.substr(0, at);
    check_user(*target.user);
    text.remove_prefix(at + 1);
  }
  if (!text.empty() && text.front() == '[')
    parse_bracketed(text, target);
  else
    parse_plain(text, target);
  check_host(target.host);
  return target;
}

Target parse_jump_host(std::string_view text) {
  constexpr std::string_view scheme = "ssh://";
  if (text.substr(0, scheme.size()) == scheme) {
    text.remove_prefix(scheme.size());
    if (!text.empty() && text.back() == '/') text.remove_suffix(1);
  }
  return parse_target(text);
}

} // namespace ssh
