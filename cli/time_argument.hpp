#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace cli {

/// A moment as people say it, in this machine's zone: `2026-03-01`, `2026-03-01 12:30`, `12:30:05` (today),
/// `today`, `yesterday`, `10 min ago`, `-2h`, `@1772370000`. nullopt: it is none.
std::optional<std::chrono::system_clock::time_point> moment_from(const std::string& text,
                                                                 std::chrono::system_clock::time_point now);

} // namespace cli
