#include "registry_core/protocol/json_reader.hpp"

#include "registry_core/protocol/digit.hpp"
#include "registry_core/protocol/plain_text.hpp"
#include "registry_core/protocol/utf8.hpp"

#include <algorithm>

namespace protocol {

namespace {

/// Bytes that stand for themselves in a string and need no further look.
bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

} // namespace

void JsonReader::start(std::string_view document) {
  begin_ = at_ = document.data();
  end_ = begin_ + document.size();
  expect_ = Expect::value;
  text_ = fault_ = duplicate_ = {};
  open_.clear();
  keys_.clear();
  decoded_.clear();
  // A decoded string is never longer than it was written, so this is room for all of them together.
  decoded_.reserve(document.size());
}

JsonReader::Event JsonReader::next() {
  if (!fault_.empty()) return Event::fault;
  skip_space();
  if (expect_ == Expect::nothing) return at_ == end_ ? Event::end : fail("bytes after the document");
  if (at_ == end_) return fail("the document ends too early");
  if (expect_ == Expect::comma_or_end) {
    const bool object = open_.back().object;
    if (*at_ == (object ? '}' : ']')) return close(object);
    if (*at_ != ',') return fail(object ? "expected ',' or '}'" : "expected ',' or ']'");
    ++at_;
    skip_space();
    if (at_ == end_) return fail("the document ends too early");
    expect_ = object ? Expect::key : Expect::value;
  }
  if (expect_ == Expect::key_or_end && *at_ == '}') return close(true);
  if (expect_ == Expect::value_or_end && *at_ == ']') return close(false);
  if (expect_ == Expect::key || expect_ == Expect::key_or_end) return read_key();
  return read_value();
}

JsonReader::Event JsonReader::fail(std::string_view what) {
  fault_ = what;
  return Event::fault;
}

JsonReader::Event JsonReader::finished(Event event) {
  expect_ = open_.empty() ? Expect::nothing : Expect::comma_or_end;
  return event;
}

JsonReader::Event JsonReader::read_value() {
  switch (*at_) {
  case '{': return open(true);
  case '[': return open(false);
  case '"': return read_string() ? finished(Event::string) : Event::fault;
  case 't': boolean_ = true; return read_literal("true", Event::boolean);
  case 'f': boolean_ = false; return read_literal("false", Event::boolean);
  case 'n': return read_literal("null", Event::null);
  default: return read_number();
  }
}

JsonReader::Event JsonReader::read_key() {
  if (*at_ != '"') return fail("expected a key in quotes");
  if (!read_string()) return Event::fault;
  keys_.push_back(text_);
  skip_space();
  if (at_ == end_ || *at_ != ':') return fail("expected ':' after a key");
  ++at_;
  expect_ = Expect::value;
  return Event::key;
}

JsonReader::Event JsonReader::open(bool object) {
  ++at_;
  open_.push_back({object, keys_.size()});
  expect_ = object ? Expect::key_or_end : Expect::value_or_end;
  return object ? Event::begin_object : Event::begin_array;
}

JsonReader::Event JsonReader::close(bool object) {
  const std::size_t first_key = open_.back().first_key;
  if (object && !keys_are_unique(first_key)) return fail("a key stands twice in one object");
  ++at_;
  keys_.resize(first_key);
  open_.pop_back();
  return finished(object ? Event::end_object : Event::end_array);
}

bool JsonReader::keys_are_unique(std::size_t first_key) {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(first_key);
  constexpr std::ptrdiff_t few = 12; // below that, comparing each with each beats sorting
  if (keys_.end() - first > few) {
    std::sort(first, keys_.end());
    const auto twice = std::adjacent_find(first, keys_.end());
    if (twice != keys_.end()) duplicate_ = *twice;
    return twice == keys_.end();
  }
  for (auto key = first; key != keys_.end(); ++key) {
    if (std::find(first, key, *key) == key) continue;
    duplicate_ = *key;
    return false;
  }
  return true;
}

JsonReader::Event JsonReader::read_literal(std::string_view literal, Event event) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (!rest.starts_with(literal)) return fail("expected a value");
  at_ += literal.size();
  return finished(event);
}

bool JsonReader::read_digits() {
  const char* const from = at_;
  while (at_ != end_ && is_digit(*at_))
    ++at_;
  return at_ != from;
}

JsonReader::Event JsonReader::read_number() {
  const char* const from = at_;
  Event event = Event::integer;
  if (*at_ == '-') ++at_;
  if (at_ == end_ || !is_digit(*at_)) return fail("expected a value");
  if (*at_ == '0') {
    ++at_;
  } else {
    read_digits();
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    event = Event::number;
    if (!read_digits()) return fail("a number without digits after its point");
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    event = Event::number;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!read_digits()) return fail("a number without digits in its exponent");
  }
  text_ = {from, static_cast<std::size_t>(at_ - from)};
  return finished(event);
}

bool JsonReader::read_string() {
  const char* const from = ++at_;
  at_ += plain_prefix(at_, end_);
  while (at_ != end_) {
    const auto c = static_cast<unsigned char>(*at_);
    if (is_plain(c)) {
      ++at_;
    } else if (c == '"') {
      text_ = {from, static_cast<std::size_t>(at_ - from)};
      ++at_;
      return true;
    } else if (c == '\\') {
      return read_escaped(from);
    } else if (const std::size_t length = utf8_length(at_, end_); length != 0) {
      at_ += length;
    } else {
      fail(c < 0x20 ? "a control character in a string" : "invalid UTF-8");
      return false;
    }
  }
  fail("a string without its end");
  return false;
}

/// The slow half of read_string(): from the first escape on, the string is put together in decoded_.
bool JsonReader::read_escaped(const char* plain_from) {
  const std::size_t start = decoded_.size();
  decoded_.append(plain_from, at_);
  while (at_ != end_) {
    const auto c = static_cast<unsigned char>(*at_);
    if (c == '"') {
      text_ = std::string_view(decoded_).substr(start);
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!read_escape()) return false;
      continue;
    }
    const std::size_t length = is_plain(c) ? 1 : utf8_length(at_, end_);
    if (length == 0) {
      fail(c < 0x20 ? "a control character in a string" : "invalid UTF-8");
      return false;
    }
    decoded_.append(at_, length);
    at_ += length;
  }
  fail("a string without its end");
  return false;
}

bool JsonReader::read_escape() {
  static constexpr std::string_view letters = "\"\\/bfnrt";
  static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  ++at_;
  if (at_ == end_) {
    fail("a string without its end");
    return false;
  }
  const char letter = *at_++;
  if (letter == 'u') return read_unicode_escape();
  const std::size_t index = letters.find(letter);
  if (index == std::string_view::npos) {
    fail("an unknown escape in a string");
    return false;
  }
  decoded_.push_back(meanings[index]);
  return true;
}

bool JsonReader::read_hex4(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_) return false;
    const char c = *at_;
    unit <<= 4;
    if (is_digit(c)) {
      unit |= static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      unit |= static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      unit |= static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return false;
    }
  }
  return true;
}

bool JsonReader::read_unicode_escape() {
  std::uint32_t point = 0;
  if (!read_hex4(point)) {
    fail("\\u without four hexadecimal digits");
    return false;
  }
  if (point >= 0xD800 && point < 0xE000) {
    std::uint32_t low = 0;
    const bool pair = point < 0xDC00 && end_ - at_ >= 2 && at_[0] == '\\' && at_[1] == 'u';
    if (pair) at_ += 2;
    if (!pair || !read_hex4(low) || low < 0xDC00 || low >= 0xE000) {
      fail("a lone surrogate in a string");
      return false;
    }
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(decoded_, point);
  return true;
}

void JsonReader::skip_space() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
    ++at_;
}

} // namespace protocol
