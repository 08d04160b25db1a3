#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace protocol {

/// Reads one JSON document (RFC 8259), strictly and to its end: no byte order mark, no NUL, no comments, no
/// invalid UTF-8 or lone surrogate, nothing behind the document, and no key twice in one object, at any
/// depth. Numbers may have any size. Nesting is bounded by the document's length alone: nothing here
/// recurses.
///
/// Pull style: start(), then next() until `end` or `fault`. Buffers are kept for the next document.
class JsonReader {
public:
  enum class Event : std::uint8_t {
    begin_object,
    end_object,
    begin_array,
    end_array,
    key,
    string,
    integer, ///< a number without fraction and exponent
    number,  ///< any other number
    boolean,
    null,
    end,   ///< the document was whole, and nothing followed it
    fault, ///< it is no JSON; the reader says so from now on
  };

  /// The document must outlive the reading.
  void start(std::string_view document);
  Event next();

  /// Of a key or string: decoded; of a number: as it was written. Until the next start().
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] bool boolean() const noexcept { return boolean_; }
  /// How many objects and arrays are open after the latest event.
  [[nodiscard]] std::size_t depth() const noexcept { return open_.size(); }
  /// What is wrong, in a few words, once next() said `fault`.
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
  /// Of a fault: the byte of the document where it was seen, from 0.
  [[nodiscard]] std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  /// The key that an object has twice, where that is the fault.
  [[nodiscard]] std::string_view duplicate() const noexcept { return duplicate_; }

private:
  enum class Expect : std::uint8_t { value, value_or_end, key, key_or_end, comma_or_end, nothing };
  struct Open {
    bool object;
    std::size_t first_key;
  };

  Event fail(std::string_view what);
  Event read_value();
  Event read_key();
  Event read_number();
  Event read_literal(std::string_view literal, Event event);
  Event open(bool object);
  Event close(bool object);
  Event finished(Event event);
  bool read_string();
  bool read_escaped(const char* plain_from);
  bool read_escape();
  bool read_unicode_escape();
  bool read_hex4(std::uint32_t& unit);
  bool read_digits();
  bool keys_are_unique(std::size_t first_key);
  void skip_space() noexcept;

  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  Expect expect_ = Expect::value;
  bool boolean_ = false;
  std::string_view text_, fault_, duplicate_;
  std::vector<Open> open_;
  std::vector<std::string_view> keys_; ///< of every open object, innermost last
  std::string decoded_; ///< strings with escapes; never grows within a document, so views stay good
};

} // namespace protocol
