#include "config/places.hpp"

#include "config/document.hpp"

namespace config {
namespace {

template<class Function>
void each_key(const Node& node, KeyPath& path, const Function& function) {
  if (node.kind != Node::Kind::object) return;
  for (const auto& member : node.children) {
    path.push_back(member.key);
    function(path, member);
    each_key(member, path, function);
    path.pop_back();
  }
}

} // namespace

Places::Places(std::string_view text) {
  text = without_byte_order_mark(text);
  const Lines lines(text);
  KeyPath path;
  each_key(read_document(text), path, [&](const KeyPath& at, const Node& member) {
    const auto [line, column] = lines.of(member.key_at);
    places_.try_emplace(at, Place{line, column});
  });
}

std::optional<Places::Place> Places::find(const KeyPath& path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace config
