#pragma once

#include <string_view>

namespace ssh {

/// Whether the name fits a pattern of `*` and `?` (ssh_config(5), PATTERNS) as a whole, whatever the case of
/// their letters (ASCII); `!` and lists are the caller's. Never throws.
bool fits_pattern(std::string_view pattern, std::string_view name) noexcept;

} // namespace ssh
