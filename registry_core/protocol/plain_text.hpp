#pragma once

#include <cstdint>
#include <cstring>

namespace protocol {

/// How many of the bytes from `at` on stand for themselves in a JSON string and are ASCII, as far as whole
/// groups of eight tell: the caller looks at what follows one by one.
inline std::size_t plain_prefix(const char* at, const char* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  const char* const from = at;
  for (; end - at >= 8; at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    // The high bit of a byte is set where it is below 0x20, is the character in question, or is no ASCII. A
    // byte may be suspected wrongly, behind one that is; never the other way round.
    const auto has = [](std::uint64_t bytes, unsigned char c) { return ((bytes ^ (ones * c)) - ones); };
    const std::uint64_t suspects = (eight - ones * 0x20) | has(eight, '"') | has(eight, '\\') | eight;
    if ((suspects & highs) != 0) break;
  }
  return static_cast<std::size_t>(at - from);
}

} // namespace protocol
