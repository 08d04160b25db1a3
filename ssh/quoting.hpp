#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ssh {

/// One word, quoted for a POSIX shell so that it arrives as it is. \throws std::invalid_argument on a NUL
/// byte.
std::string quote(std::string_view word);

/// An argument vector as one shell command line: each word quoted, joined by spaces.
std::string quote_command(std::span<const std::string> arguments);

} // namespace ssh
