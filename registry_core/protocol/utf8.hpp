#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace protocol {

/// Bytes of the well-formed UTF-8 sequence (RFC 3629) at `at`, which is before `end`; 0 where there is none,
/// and for the control characters below U+0020.
std::size_t utf8_length(const char* at, const char* end) noexcept;

/// Appends a code point that is no surrogate.
void append_utf8(std::string& text, std::uint32_t point);

} // namespace protocol
