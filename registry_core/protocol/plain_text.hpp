#pragma once

#include "registry_core/protocol/eight_bytes.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

/// Texts looked through eight bytes at a time.
namespace protocol {

namespace detail {

/// Bytes that do not stand for themselves in a JSON string, or are no ASCII.
struct NotPlain {
  /// \returns with the high bit of the first such byte set, and of none before it.
  static std::uint64_t in(std::uint64_t bytes) noexcept {
    using namespace eight_bytes;
    return (below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\')) & highs;
  }
};

/// Control characters, or what is no ASCII.
struct NotPrintable {
  static std::uint64_t in(std::uint64_t bytes) noexcept {
    using namespace eight_bytes;
    return (below(bytes, 0x20) | equal(bytes, 0x7F)) & highs;
  }
};

/// \returns how many bytes from `from` on are none of the suspects.
template<typename Suspects>
std::size_t prefix(const char* const from, const char* const end) noexcept {
  using namespace eight_bytes;
  const auto all = static_cast<std::size_t>(end - from);
  const auto before = [](std::uint64_t found) {
    return static_cast<std::size_t>(std::countr_zero(found)) / 8;
  };
  std::size_t at = 0;
  for (; at + size <= all; at += size) {
    const std::uint64_t found = Suspects::in(load(from + at));
    if (found != 0) return at + before(found);
  }
  if (at == all) return all;
  // What is left, with what stands before it where there is any: that has been looked at, and is clear.
  const std::size_t last = all < size ? 0 : all - size;
  const std::uint64_t found = Suspects::in(all < size ? load_few(from, all) : load(from + last));
  return found == 0 ? all : last + before(found);
}

} // namespace detail

/// How many of the bytes from `at` on are ASCII and stand for themselves in a JSON string.
inline std::size_t plain_prefix(const char* at, const char* end) noexcept {
  return detail::prefix<detail::NotPlain>(at, end);
}

/// How many of the bytes from `at` on are ASCII and no control characters.
inline std::size_t printable_prefix(const char* at, const char* end) noexcept {
  return detail::prefix<detail::NotPrintable>(at, end);
}

/// How much room copy_plain() needs.
constexpr std::size_t room_to_copy(std::size_t size) noexcept {
  return size + eight_bytes::size;
}

/// Copies a text that is plain throughout; of another one, perhaps a part. \param to with room for
/// room_to_copy(size) bytes. \returns whether it is.
inline bool copy_plain(const char* from, std::size_t size, char* to) noexcept {
  using namespace eight_bytes;
  const auto copied = [&](std::uint64_t bytes, std::size_t at) {
    store(bytes, to + at);
    return detail::NotPlain::in(bytes) == 0;
  };
  std::size_t at = 0;
  for (; at + eight_bytes::size <= size; at += eight_bytes::size) {
    if (!copied(load(from + at), at)) return false;
  }
  if (at == size) return true;
  const std::size_t last = size - eight_bytes::size; // what stands before the rest is copied once more
  return size < eight_bytes::size ? copied(load_few(from, size), 0) : copied(load(from + last), last);
}

} // namespace protocol
