#pragma once

#include "config/document.hpp"
#include "config/load.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace config {

/// Something to say about a place of the file.
struct Note {
  std::size_t at = 0;
  std::string key;
  std::string message;
};

/// Walks the tree: knows the path of the key it is at, checks kinds, and collects what is to be said. A value
/// that is wrong gives a fault and nothing else; the walk always goes on.
class Reader {
public:
  explicit Reader(const Checks& checks, const Lines& lines) : checks(checks), lines(lines) {}

  const Checks& checks;
  const Lines& lines;
  std::vector<Note> faults;
  std::vector<Note> not_in_force;

  void fault(std::size_t at, std::string message) { faults.push_back({at, path(), std::move(message)}); }
  void fault(const Node& value, std::string message) { fault(value.at, std::move(message)); }
  /// The key is known, its value right, and nothing acts upon it yet.
  void mark_not_in_force(const Node& value) { not_in_force.push_back({value.key_at, path(), {}}); }

  bool is(const Node& node, Node::Kind kind, std::string_view expected);
  std::optional<bool> boolean(const Node& node);
  std::optional<double> number(const Node& node, double least, double most, std::string_view expected);
  /// A whole number of something.
  std::optional<std::int64_t> whole(const Node& node, std::int64_t least, std::int64_t most);
  /// Seconds that fit every clock. \param least may be 0 where none at all makes sense.
  std::optional<double> seconds(const Node& node, double least = 0.001);
  /// A string that `why_not` (a rule of rules.hpp) finds nothing wrong with.
  template<class Rule>
  std::optional<std::string> text(const Node& node, Rule why_not) {
    if (!is(node, Node::Kind::string, "a string")) return std::nullopt;
    if (auto why = why_not(node.string); !why.empty()) {
      fault(node, std::move(why));
      return std::nullopt;
    }
    return node.string;
  }
  std::optional<std::string> text(const Node& node);
  /// Each value with its place; a string alone counts as a list of one if `or_one`.
  template<class Rule>
  std::vector<std::pair<std::string, std::size_t>> texts(const Node& node, Rule why_not, bool or_one) {
    std::vector<std::pair<std::string, std::size_t>> values;
    if (or_one && node.kind == Node::Kind::string) {
      if (auto value = text(node, why_not)) values.emplace_back(std::move(*value), node.at);
    } else if (is(node, Node::Kind::array, or_one ? "a string or a list of strings" : "a list of strings")) {
      for (const auto& child : node.children)
        if (auto value = text(child, why_not)) values.emplace_back(std::move(*value), child.at);
    }
    return values;
  }
  /// One of the words; its index. The nearest is named where it is none.
  std::optional<std::size_t> word(const Node& node, std::initializer_list<std::string_view> words);

  void unknown_key(const Node& member, std::span<const std::string_view> known);

  /// Calls with each member, the path being the member's then. A key that stands twice is a fault; its first
  /// one counts.
  template<class Function>
  void members(const Node& node, Function&& read) {
    if (!is(node, Node::Kind::object, "an object")) return;
    std::unordered_map<std::string_view, const Node*> seen;
    for (const auto& child : node.children) {
      const In in(*this, child.key);
      if (const auto [first, is_new] = seen.emplace(child.key, &child); is_new) {
        read(child);
      } else {
        fault(child.key_at,
              "stands twice, first in line " + std::to_string(lines.of(first->second->key_at).line));
      }
    }
  }

  /// The walk is at this key as long as it lives. The key must outlive it.
  class In {
  public:
    In(Reader& reader, std::string_view key) : reader_(reader) { reader_.path_.push_back(key); }
    In(const In&) = delete;
    In& operator=(const In&) = delete;
    ~In() { reader_.path_.pop_back(); }

  private:
    Reader& reader_;
  };

  /// `hosts.server1.managers`: the keys so far.
  [[nodiscard]] std::string path() const;

private:
  std::vector<std::string_view> path_;
};

/// A known key of an object that is read into a T.
template<class T>
struct Key {
  std::string_view name;
  void (*read)(Reader&, const Node&, T&);
};

/// Reads an object's members by the table; a key that is not in it is a fault that names the nearest.
template<class T>
void read_table(Reader& reader, const Node& node, std::span<const Key<T>> keys, T& into) {
  reader.members(node, [&](const Node& member) {
    for (const auto& key : keys)
      if (key.name == member.key) return key.read(reader, member, into);
    std::vector<std::string_view> names;
    for (const auto& key : keys)
      names.push_back(key.name);
    reader.unknown_key(member, names);
  });
}

} // namespace config
