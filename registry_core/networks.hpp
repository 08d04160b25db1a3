#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace registry_core {

/// A set of IP networks.
class Networks {
public:
  Networks() = default;
  /// \param networks `ADDRESS/BITS` or `ADDRESS`. \throws std::invalid_argument, which names the wrong one.
  explicit Networks(const std::vector<std::string>& networks);

  /// \param address IPv4 or IPv6; anything else is in no network. An IPv4-mapped address is the IPv4 one.
  [[nodiscard]] bool contains(std::string_view address) const;

private:
  using Address = std::array<unsigned char, 16>; ///< IPv4 as IPv4-mapped
  struct Network {
    Address address;
    std::size_t bits; ///< of the 128
  };
  static std::optional<Address> parse(std::string_view text);

  std::vector<Network> networks_;
};

} // namespace registry_core
