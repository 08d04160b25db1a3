#include "config/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace config {
namespace {

/// Says how far the parser has read: every copy of it counts at the same place.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

private:
  const char* at_;
  std::size_t* consumed_;
};

std::size_t skip_comment(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "//") return std::min(text.find_first_of("\r\n", at), text.size());
  const auto end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 2;
}

/// Where the next token begins: after white space, comments and the separators, which make no event.
std::size_t next_token(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (std::string_view(" \t\r\n,:").find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (text.substr(at, 2) == "//" || text.substr(at, 2) == "/*") {
      at = skip_comment(text, at);
    } else {
      break;
    }
  }
  return at;
}

std::size_t number_end(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
}

/// The library's message without its number, its own position, and the text it had read (which may be long
/// and need not be UTF-8).
std::string plain_message(std::string message) {
  message.erase(std::min(message.find("; last read: '"), message.size()));
  for (const std::string_view before : {"] ", ": ", " - "}) {
    const auto at = message.find(before);
    if (at != std::string::npos) message.erase(0, at + before.size());
  }
  return "not valid JSON: " + message;
}

/// Builds the tree. An event says where its token ends (what has been consumed); the token began where the
/// one before it ended. Numbers are read one character too far: their end is found from their start.
class Builder {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Builder(std::string_view text, const std::size_t& consumed) : text_(text), consumed_(consumed) {}

  bool null() { return scalar({}); }
  bool boolean(bool value) { return scalar({.kind = Node::Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t& /*text*/) { return number(value); }
  bool string(string_t& value) { return scalar({.kind = Node::Kind::string, .string = std::move(value)}); }
  bool binary(binary_t& /*value*/) { return false; } // JSON text has none

  bool start_object(std::size_t /*size*/) { return open(Node::Kind::object); }
  bool start_array(std::size_t /*size*/) { return open(Node::Kind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(string_t& value) {
    key_at_ = next_token(text_, last_end_);
    key_ = std::move(value);
    last_end_ = consumed_;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& e) {
    // The position is one past the last character read. A wrong token of many characters is shown from its
    // first; a separator in the wrong place is where it is, though next_token() would pass over it.
    const auto last_read = position == 0 ? 0 : position - 1;
    throw SyntaxError(std::min({next_token(text_, last_end_), last_read, text_.size()}),
                      plain_message(e.what()));
  }

  Node take() { return std::move(root_); }

private:
  bool number(double value) {
    scalar({.kind = Node::Kind::number, .number = value});
    return true;
  }

  bool scalar(Node&& node) {
    const bool is_number = node.kind == Node::Kind::number;
    const auto& added = add(std::move(node));
    last_end_ = is_number ? number_end(text_, added.at) : consumed_;
    return true;
  }

  bool open(Node::Kind kind) {
    auto& added = add({.kind = kind});
    if (open_.size() == max_document_depth)
      throw SyntaxError(added.at, "nested deeper than " + std::to_string(max_document_depth) + " levels");
    open_.push_back(&added);
    last_end_ = consumed_;
    return true;
  }

  bool close() {
    open_.pop_back();
    last_end_ = consumed_;
    return true;
  }

  /// Pointers in open_ stay valid: a node gets no sibling while it is open.
  Node& add(Node&& node) {
    node.at = next_token(text_, last_end_);
    if (++values_ > max_document_values)
      throw SyntaxError(node.at, "more than " + std::to_string(max_document_values) + " values");
    if (open_.empty()) return root_ = std::move(node);
    node.key_at = key_at_;
    node.key = std::exchange(key_, {});
    return open_.back()->children.emplace_back(std::move(node));
  }

  std::string_view text_;
  const std::size_t& consumed_;
  std::size_t last_end_ = 0;
  std::size_t key_at_ = 0;
  std::size_t values_ = 0;
  std::string key_;
  Node root_;
  std::vector<Node*> open_;
};

} // namespace

Node read_document(std::string_view text) {
  if (text.size() > max_document_bytes)
    throw SyntaxError(0, "larger than " + std::to_string(max_document_bytes >> 20U) + " MiB");
  if (const auto nul = text.find('\0');
      nul != std::string_view::npos) // the library would take it for the end
    throw SyntaxError(nul, "not valid JSON: a NUL byte");
  std::size_t consumed = 0;
  Builder builder(text, consumed);
  const bool strict = true;
  const bool ignore_comments = true;
  nlohmann::json::sax_parse(CountingIterator(text.data(), &consumed),
                            CountingIterator(text.data() + text.size(), &consumed), &builder,
                            nlohmann::json::input_format_t::json, strict, ignore_comments);
  return builder.take();
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

Lines::Lines(std::string_view text) : starts_{0} {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts_.push_back(at + 1);
}

Lines::Position Lines::of(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return {.line = static_cast<std::size_t>(after - starts_.begin()),
          .column = offset - *std::prev(after) + 1};
}

} // namespace config
