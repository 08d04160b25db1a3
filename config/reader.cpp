#include "config/reader.hpp"

#include "config/rules.hpp"

#include <algorithm>
#include <cmath>

namespace config {
namespace {

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
  case Node::Kind::null: return "null";
  case Node::Kind::boolean: return "true or false";
  case Node::Kind::number: return "a number";
  case Node::Kind::string: return "a string";
  case Node::Kind::array: return "a list";
  case Node::Kind::object: return "an object";
  }
  return "";
}

std::string list_of(std::initializer_list<std::string_view> words) {
  std::string list;
  for (const auto word : words)
    list += (list.empty() ? "'" : ", '") + std::string(word) + "'";
  return list;
}

} // namespace

std::string Reader::path() const {
  std::string path;
  for (const auto key : path_)
    path += (path.empty() ? "" : ".") + printable(key);
  return path;
}

bool Reader::is(const Node& node, Node::Kind kind, std::string_view expected) {
  if (node.kind == kind) return true;
  fault(node, "expected " + std::string(expected) + ", found " + std::string(name_of(node.kind)));
  return false;
}

std::optional<bool> Reader::boolean(const Node& node) {
  if (!is(node, Node::Kind::boolean, "true or false")) return std::nullopt;
  return node.boolean;
}

std::optional<double> Reader::number(const Node& node, double least, double most, std::string_view expected) {
  if (!is(node, Node::Kind::number, expected)) return std::nullopt;
  if (std::isfinite(node.number) && node.number >= least && node.number <= most) return node.number;
  fault(node, "expected " + std::string(expected));
  return std::nullopt;
}

std::optional<std::int64_t> Reader::whole(const Node& node, std::int64_t least, std::int64_t most) {
  const auto expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const auto found = number(node, static_cast<double>(least), static_cast<double>(most), expected);
  if (!found) return std::nullopt;
  if (*found == std::floor(*found)) return static_cast<std::int64_t>(*found);
  fault(node, "expected " + expected);
  return std::nullopt;
}

std::optional<double> Reader::seconds(const Node& node, double least) {
  constexpr double most = 1e9;
  return number(node, least, most,
                least > 0 ? "a number of seconds above 0 (from 0.001 to 1e9)"
                          : "a number of seconds from 0 to 1e9");
}

std::optional<std::string> Reader::text(const Node& node) {
  return text(node, why_not_text);
}

std::optional<std::size_t> Reader::word(const Node& node, std::initializer_list<std::string_view> words) {
  if (!is(node, Node::Kind::string, "one of " + list_of(words))) return std::nullopt;
  const auto* const found = std::find(words.begin(), words.end(), node.string);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  const auto near = nearest(node.string, {words.begin(), words.size()});
  fault(node, "expected one of " + list_of(words) + ", found " + in_quotes(node.string) +
                  (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?"));
  return std::nullopt;
}

void Reader::unknown_key(const Node& member, std::span<const std::string_view> known) {
  const auto near = nearest(member.key, known);
  fault(member.key_at, "unknown key " + in_quotes(member.key) +
                           (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?"));
}

} // namespace config
