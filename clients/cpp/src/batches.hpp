#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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

  /// \param element JSON. \returns false where there is no room left; the first one always has.
  bool add(std::string_view element);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// With commas between them.
  [[nodiscard]] const std::string& elements() const noexcept { return elements_; }

private:
  std::size_t most_;
  std::size_t size_ = 0;
  std::string elements_;
};

} // namespace actors::registry
