#include "registry_core/networks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>

namespace registry_core {

namespace {

constexpr std::array<unsigned char, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t all_bits = 128;
constexpr std::size_t mapped_bits = 96;

} // namespace

std::optional<Networks::Address> Networks::parse(std::string_view text) {
  const std::string host(text);
  Address address{};
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) return address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
  if (inet_pton(AF_INET, host.c_str(), address.data() + mapped_prefix.size()) == 1) return address;
  return std::nullopt;
}

Networks::Networks(const std::vector<std::string>& networks) {
  for (const std::string& text : networks) {
    const auto slash = text.find('/');
    const auto address = parse(std::string_view(text).substr(0, slash));
    const bool ipv4 = text.find(':') == std::string::npos;
    const std::size_t offset = ipv4 ? mapped_bits : 0;
    std::size_t bits = all_bits - offset;
    bool good = address.has_value();
    if (slash != std::string::npos) {
      const char* const end = text.data() + text.size();
      const auto [stop, fault] = std::from_chars(text.data() + slash + 1, end, bits);
      good = good && fault == std::errc() && stop == end && bits <= all_bits - offset;
    }
    if (!good) throw std::invalid_argument("'" + text + "' is no network: expected ADDRESS/BITS");
    networks_.push_back({*address, bits + offset});
  }
}

bool Networks::contains(std::string_view text) const {
  const auto address = parse(text);
  if (!address) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    for (std::size_t bit = 0; bit < network.bits; bit += 8) {
      const std::size_t left = std::min<std::size_t>(network.bits - bit, 8);
      const auto mask = static_cast<unsigned char>(0xFF << (8 - left));
      if (((*address)[bit / 8] ^ network.address[bit / 8]) & mask) return false;
    }
    return true;
  });
}

} // namespace registry_core
