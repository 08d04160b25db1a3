#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The data types of RFC 4251, section 5, as keys and agents speak them. Pure.
namespace ssh::wire {

/// Four bytes, the most significant one first.
std::string encode_number(std::size_t value);

/// The bytes with their length before them.
std::string encode_string(std::string_view bytes);

/// Takes a number of four, or of eight bytes off the text; nothing where it is shorter.
std::optional<std::uint32_t> take_number(std::string_view& text);
std::optional<std::uint64_t> take_long_number(std::string_view& text);

/// Takes a length-prefixed string off the text; nothing where it is cut.
std::optional<std::string_view> take_string(std::string_view& text);

} // namespace ssh::wire
