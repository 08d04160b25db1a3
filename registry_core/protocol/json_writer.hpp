#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

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

/// One object, its members written in the order of the calls.
class ObjectWriter {
public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }
  /// \param beginning members that are written already, with the brace before them.
  ObjectWriter(std::string& out, std::string_view beginning) : out_(out), first_(false) {
    out_.append(beginning);
  }
  void close() { out_.push_back('}'); }

  void key(std::string_view name) {
    out_.append(first_ ? "\"" : ",\"", first_ ? 1 : 2);
    first_ = false;
    out_.append(name);
    out_.append("\":");
  }
  void member(std::string_view name, std::string_view text) {
    key(name);
    append_string(out_, text);
  }
  template<std::integral Number>
  requires(!std::same_as<Number, bool>) void member(std::string_view name, Number number) {
    key(name);
    append_number(out_, number);
  }
  template<std::same_as<bool> Bool>
  void member(std::string_view name, Bool value) {
    key(name);
    out_.append(value ? "true" : "false");
  }
  void seconds(std::string_view name, double value) {
    key(name);
    append_seconds(out_, value);
  }
  void null(std::string_view name) {
    key(name);
    out_.append("null");
  }
  template<typename Value>
  void if_known(std::string_view name, const std::optional<Value>& value) {
    if (value) member(name, *value);
  }
  template<typename Text>
  void or_null(std::string_view name, const std::optional<Text>& value) {
    if (value) {
      member(name, *value);
    } else {
      null(name);
    }
  }
  /// An array, each of its elements written by `write(out, element)`.
  template<typename Elements, typename Write>
  void array(std::string_view name, const Elements& elements, Write write) {
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
