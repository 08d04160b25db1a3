#pragma once

#include "clients/cpp/src/connection.hpp"

namespace actors::registry {

inline constexpr std::size_t most_names_looked_up = 1000;
inline constexpr std::size_t most_names_registered = 1000;
/// Few enough that nobody else waits long for them.
inline constexpr std::size_t most_names_repaired = 200;

/// The elements of one request's array, so many that the request stays well below the 64 KiB that a registry
/// reads at once (docs/protocol.md).
class Batch {
public:
  explicit Batch(std::size_t most) : most_(most) {}

  /// \returns false where there is no room left; the first one always has. \throws RegistryError where a
  /// string is no UTF-8.
  bool add(Json element);

  [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
  /// The array.
  Json take() && { return std::move(elements_); }

private:
  std::size_t most_;
  std::size_t bytes_ = 0;
  Json elements_ = Json::array();
};

} // namespace actors::registry
