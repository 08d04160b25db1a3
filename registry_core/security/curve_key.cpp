#include "registry_core/security/curve_key.hpp"

#include <cctype>
#include <cstdint>

#include <sodium.h>

namespace registry_core {

namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr std::size_t characters = 5; ///< that stand for
constexpr std::size_t group = 4;      ///< so many bytes, the first the most significant
static_assert(CurveKey::size == crypto_box_SECRETKEYBYTES);
static_assert(CurveKey::size == crypto_box_PUBLICKEYBYTES);

} // namespace

CurveKey::~CurveKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::optional<CurveKey> CurveKey::parse(std::string_view text) {
  if (text.size() != text_size) return std::nullopt;
  CurveKey key;
  for (std::size_t at = 0; at < size; at += group) {
    std::uint64_t value = 0;
    for (const char c : text.substr(at / group * characters, characters)) {
      const auto digit = alphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * alphabet.size() + digit;
    }
    if (value > UINT32_MAX) return std::nullopt;
    for (std::size_t i = group; i-- > 0; value >>= 8U)
      key.bytes_.at(at + i) = static_cast<unsigned char>(value & 0xFFU);
  }
  return key;
}

std::string CurveKey::text() const {
  std::string text(text_size, '\0');
  for (std::size_t at = 0; at < size; at += group) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < group; ++i)
      value = value << 8U | bytes_.at(at + i);
    for (std::size_t i = characters; i-- > 0; value /= alphabet.size())
      text[at / group * characters + i] = alphabet[value % alphabet.size()];
  }
  return text;
}

CurveKey CurveKey::public_key() const {
  CurveKey key;
  crypto_scalarmult_base(key.bytes_.data(), bytes_.data());
  return key;
}

CurveKey CurveKey::make_secret() {
  CurveKey secret;
  do {
    randombytes_buf(secret.bytes_.data(), secret.bytes_.size());
  } while (std::isalnum(static_cast<unsigned char>(secret.public_key().text().front())) == 0);
  return secret;
}

void wipe(std::string& text) noexcept {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

} // namespace registry_core
