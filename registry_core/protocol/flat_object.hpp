#pragma once

#include "registry_core/protocol/digit.hpp"
#include "registry_core/protocol/plain_text.hpp"

#include <string_view>

namespace protocol {

/// Reads what most requests are, one JSON object of strings and integers, in a single pass without state. All
/// that it does not know (escapes, other than ASCII, further objects, other values) and all that is wrong is
/// left to JsonReader, which reads any document and says what is wrong with it.
class FlatObject {
public:
  /// \param take called as take(key, text, is_string) for each member in turn; says false to give up. A text
  /// is good as long as the document. Whether a key stands there twice is its to find.
  /// \returns whether the document is such an object, whole, and nothing was given up: if not, nothing that
  /// `take` was told counts.
  template<typename Take>
  static bool read(std::string_view document, Take take) {
    FlatObject object(document);
    return object.read_members(take) && object.at_ == object.end_;
  }

private:
  explicit FlatObject(std::string_view document)
      : at_(document.data()), end_(document.data() + document.size()) {}

  template<typename Take>
  bool read_members(Take& take) {
    if (!skips('{')) return false;
    if (skips('}')) return true;
    std::string_view key;
    std::string_view text;
    do {
      if (!read_string(key) || !skips(':')) return false;
      const bool is_string = at_ != end_ && *at_ == '"';
      if (!(is_string ? read_string(text) : read_integer(text)) || !take(key, text, is_string)) return false;
    } while (skips(','));
    return skips('}');
  }

  static bool is_space(char c) noexcept {
    return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t'); // mostly it is none
  }

  void skip_space() noexcept {
    while (at_ != end_ && is_space(*at_))
      ++at_;
  }
  /// \returns whether this one was there, with whatever space stands around it.
  bool skips(char punctuation) noexcept {
    skip_space();
    if (at_ == end_ || *at_ != punctuation) return false;
    ++at_;
    skip_space();
    return true;
  }
  bool read_string(std::string_view& text) noexcept {
    if (at_ == end_ || *at_ != '"') return false;
    const char* const from = at_ + 1;
    at_ = from + plain_prefix(from, end_);
    if (at_ == end_ || *at_ != '"') return false;
    text = {from, static_cast<std::size_t>(at_++ - from)};
    return true;
  }
  /// One with a fraction or an exponent is followed by what no member is.
  bool read_integer(std::string_view& text) noexcept {
    const char* const from = at_;
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* const digits = at_;
    while (at_ != end_ && is_digit(*at_))
      ++at_;
    text = {from, static_cast<std::size_t>(at_ - from)};
    return at_ != digits && (*digits != '0' || at_ - digits == 1);
  }

  const char* at_;
  const char* const end_;
};

} // namespace protocol
