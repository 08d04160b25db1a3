#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Eight bytes of a text in one word, the first of them the least significant.
namespace protocol::eight_bytes {

inline constexpr std::size_t size = 8;
inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t highs = 0x8080808080808080;

inline std::uint64_t load(const char* at) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return std::endian::native == std::endian::little ? bytes : __builtin_bswap64(bytes);
}

inline std::uint64_t load_four(const char* at) noexcept {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return std::endian::native == std::endian::little ? bytes : __builtin_bswap32(bytes);
}

inline void store(std::uint64_t bytes, char* at) noexcept {
  if (std::endian::native != std::endian::little) bytes = __builtin_bswap64(bytes);
  std::memcpy(at, &bytes, sizeof bytes);
}

/// Filled up with what nobody looks for. \param count 1 to 7.
inline std::uint64_t load_few(const char* at, std::size_t count) noexcept {
  const auto byte = [at](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(at[i])} << (i * 8);
  };
  const std::uint64_t bytes = count < 4 ? byte(0) | byte(count / 2) | byte(count - 1)
                                        : load_four(at) | load_four(at + count - 4) << ((count - 4) * 8);
  return bytes | (ones * 'a') << (count * 8);
}

/// The same as load() and load_few(), of a text that the compiler knows. \param text of 1 to 8 bytes.
consteval std::uint64_t packed(std::string_view text) {
  std::uint64_t bytes = ones * 'a';
  for (std::size_t i = 0; i < text.size(); ++i)
    bytes ^= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i] ^ 'a')) << (i * 8);
  return bytes;
}

// Of these, the high bit of a byte is set where it is meant, or is no ASCII, or stands behind such a byte.

constexpr std::uint64_t below(std::uint64_t bytes, unsigned char bound) noexcept {
  return (bytes - ones * bound) | bytes;
}
constexpr std::uint64_t equal(std::uint64_t bytes, unsigned char c) noexcept {
  return ((bytes ^ (ones * c)) - ones) | bytes;
}

} // namespace protocol::eight_bytes
