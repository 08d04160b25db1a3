#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The keys that lead to a value: `hosts`, `server1`, `ssh`. A name may hold dots, so they stay apart.
using KeyPath = std::vector<std::string>;

/// Where the keys of a file stand.
class Places {
public:
  struct Place {
    std::size_t line;
    std::size_t column; ///< both from 1, columns in bytes
  };

  Places() = default;
  /// Of a text that parse() takes. \throws SyntaxError where it is no document.
  explicit Places(std::string_view text);

  /// Of the key at the path's end; nullopt where the file does not have it.
  [[nodiscard]] std::optional<Place> find(const KeyPath& path) const;

private:
  std::map<KeyPath, Place> places_;
};

} // namespace config
