#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// A JSON value and where it stands. Offsets are bytes from the beginning of the text.
struct Node {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;
  std::size_t at = 0;     ///< its first byte
  std::size_t key_at = 0; ///< of its key's opening quote, where it is an object's member
  std::string key = {};
  std::string string = {};
  std::vector<Node> children = {}; ///< in the order of the text, duplicate keys included
};

/// The text is no JSON document, or one beyond the limits.
class SyntaxError : public std::runtime_error {
public:
  SyntaxError(std::size_t at, const std::string& message) : std::runtime_error(message), at_(at) {}
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

private:
  std::size_t at_;
};

/// What a document may have at most: beyond it lies no configuration, only a mistake.
inline constexpr std::size_t max_document_bytes = 16U << 20U;
inline constexpr std::size_t max_document_values = 1'000'000;
inline constexpr std::size_t max_document_depth = 32;

/// Reads a JSON document (RFC 8259) in which `//` and `/* */` comments may stand wherever white space may.
/// \throws SyntaxError.
Node read_document(std::string_view text);

/// RFC 8259 lets a reader pass over one.
std::string_view without_byte_order_mark(std::string_view text);

/// Turns offsets into lines and columns, both from 1, columns in bytes. Views the text.
class Lines {
public:
  struct Position {
    std::size_t line;
    std::size_t column;
  };

  explicit Lines(std::string_view text);
  [[nodiscard]] Position of(std::size_t offset) const;

private:
  std::vector<std::size_t> starts_;
};

} // namespace config
