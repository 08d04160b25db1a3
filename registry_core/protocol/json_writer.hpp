#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Writes JSON to the end of a string, without an allocation that the string does not need.
namespace protocol {

/// \param text well-formed UTF-8.
void append_string(std::string& out, std::string_view text);
/// Milliseconds are as fine as any reader needs, and keep the digits few.
void append_seconds(std::string& out, double seconds);

template<std::integral Number>
requires(!std::same_as<Number, bool>) void append_number(std::string& out, Number number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// A member's name with what stands around it, put together by the compiler: so it is written in one piece.
class MemberName {
public:
  template<std::size_t Size>
  consteval MemberName(const char (&name)[Size]) : size_(Size + 3) { // NOLINT: it stands for the literal
    static_assert(Size + 3 <= room);
    text_[0] = ',';
    text_[1] = text_[size_ - 2] = '"';
    text_[size_ - 1] = ':';
    for (std::size_t i = 0; i + 1 < Size; ++i)
      text_[i + 2] = name[i];
  }
  /// With the comma that separates it from the member before, unless it is the first.
  [[nodiscard]] std::string_view text(bool first) const noexcept {
    return std::string_view(text_.data(), size_).substr(first ? 1 : 0);
  }
  /// \param to with `room` bytes. \returns where it ends there.
  char* copy_to(char* to, bool first) const noexcept {
    const std::size_t skipped = first ? 1 : 0;
    std::memcpy(to, text_.data() + skipped, room); // one size for all costs less than to look at each
    return to + size_ - skipped;
  }
  static constexpr std::size_t room = 24;

private:
  std::array<char, room + 1> text_{}; ///< with room to be copied also from behind the comma
  std::size_t size_;
};

/// A member of an object.
void append_member(std::string& out, const MemberName& name, bool first, std::string_view text);

/// One object, its members written in the order of the calls.
class ObjectWriter {
public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }
  /// \param beginning members that are written already, with the brace before them.
  ObjectWriter(std::string& out, std::string_view beginning) : out_(out), first_(false) {
    out_.append(beginning);
  }
  void close() { out_.push_back('}'); }

  void key(const MemberName& name) { out_.append(name.text(std::exchange(first_, false))); }
  /// One that is not known before. \param name needs no escapes.
  void any_key(std::string_view name) {
    if (!std::exchange(first_, false)) out_.push_back(',');
    out_.append(1, '"').append(name).append("\":");
  }
  void member(const MemberName& name, std::string_view text) {
    append_member(out_, name, std::exchange(first_, false), text);
  }
  template<std::integral Number>
  requires(!std::same_as<Number, bool>) void member(const MemberName& name, Number number) {
    key(name);
    append_number(out_, number);
  }
  template<std::same_as<bool> Bool>
  void member(const MemberName& name, Bool value) {
    key(name);
    out_.append(value ? "true" : "false");
  }
  void seconds(const MemberName& name, double value) {
    key(name);
    append_seconds(out_, value);
  }
  void null(const MemberName& name) {
    key(name);
    out_.append("null");
  }
  template<typename Value>
  void if_known(const MemberName& name, const std::optional<Value>& value) {
    if (value) member(name, *value);
  }
  template<typename Text>
  void or_null(const MemberName& name, const std::optional<Text>& value) {
    if (value) {
      member(name, *value);
    } else {
      null(name);
    }
  }
  /// An array, each of its elements written by `write(out, element)`.
  template<typename Elements, typename Write>
  void array(const MemberName& name, const Elements& elements, Write write) {
    key(name);
    out_.push_back('[');
    bool first = true;
    for (const auto& element : elements) {
      if (!first) out_.push_back(',');
      first = false;
      write(out_, element);
    }
    out_.push_back(']');
  }

private:
  std::string& out_;
  bool first_ = true;
};

} // namespace protocol
