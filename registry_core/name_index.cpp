#include "registry_core/name_index.hpp"

#include <array>
#include <cstring>

#include <sodium.h>

namespace registry_core {

namespace {

using Key = std::array<unsigned char, crypto_shorthash_KEYBYTES>;

const Key& process_key() noexcept {
  static const Key key = [] {
    Key random{};
    randombytes_buf(random.data(), random.size());
    return random;
  }();
  return key;
}

} // namespace

std::uint64_t hash_of_name(std::string_view name) noexcept {
  static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));
  std::array<unsigned char, crypto_shorthash_BYTES> bytes{};
  crypto_shorthash(bytes.data(), reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                   process_key().data());
  std::uint64_t hash = 0;
  std::memcpy(&hash, bytes.data(), sizeof hash);
  return hash;
}

} // namespace registry_core
