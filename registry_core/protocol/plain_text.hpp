#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Texts looked through eight bytes at a time.
namespace protocol {

namespace eight_bytes {

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t highs = 0x8080808080808080;

/// The first of them is the least significant.
inline std::uint64_t load(const char* at) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return std::endian::native == std::endian::little ? bytes : __builtin_bswap64(bytes);
}

// Below, the high bit of a byte is set where it is meant, or is no ASCII, or stands behind such a byte.

constexpr std::uint64_t below(std::uint64_t bytes, unsigned char bound) noexcept {
  return (bytes - ones * bound) | bytes;
}
constexpr std::uint64_t equal(std::uint64_t bytes, unsigned char c) noexcept {
  return ((bytes ^ (ones * c)) - ones) | bytes;
}

/// \param suspects the same of what is looked for. \returns how many bytes from `at` on are none of it.
template<typename Suspects>
std::size_t prefix_without(Suspects suspects, const char* at, const char* end) noexcept {
  constexpr std::ptrdiff_t size = 8;
  const char* const from = at;
  const auto first = [&](const char* where) {
    const std::uint64_t found = suspects(load(where)) & highs;
    return found == 0 ? size : std::countr_zero(found) / size;
  };
  for (; end - at >= size; at += size) {
    if (const auto clear = first(at); clear != size) return static_cast<std::size_t>(at - from + clear);
  }
  if (at == end) return static_cast<std::size_t>(at - from);
  if (end - from >= size) return static_cast<std::size_t>(end - size - from + first(end - size));
  // Filled up with what nobody looks for.
  std::uint64_t bytes = ones * 'a';
  for (int shift = 0; at != end; ++at, shift += size) {
    const std::uint64_t byte = static_cast<unsigned char>(*at) ^ static_cast<unsigned char>('a');
    bytes ^= byte << shift;
  }
  const std::uint64_t found = suspects(bytes) & highs;
  return static_cast<std::size_t>(found == 0 ? end - from : std::countr_zero(found) / size);
}

} // namespace eight_bytes

/// How many of the bytes from `at` on are ASCII and stand for themselves in a JSON string.
inline std::size_t plain_prefix(const char* at, const char* end) noexcept {
  using namespace eight_bytes;
  return prefix_without(
      [](std::uint64_t bytes) { return below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\'); }, at,
      end);
}

/// How many of the bytes from `at` on are ASCII and no control characters.
inline std::size_t printable_prefix(const char* at, const char* end) noexcept {
  using namespace eight_bytes;
  return prefix_without([](std::uint64_t bytes) { return below(bytes, 0x20) | equal(bytes, 0x7F); }, at, end);
}

} // namespace protocol
