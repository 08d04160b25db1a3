#pragma once

#include <string_view>

namespace registry_core {

/// Whether the whole of `text` fits a glob(7) pattern of `*`, `?`, `[set]`, `[!set]` and `\` before a
/// character that stands for itself. `/` is a character like others. Both are UTF-8. Never takes longer than
/// the product of their lengths.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

} // namespace registry_core
