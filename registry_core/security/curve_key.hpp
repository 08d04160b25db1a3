#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace registry_core {

/// A CURVE key's bytes, wiped when the object goes.
class CurveKey {
public:
  static constexpr std::size_t size = 32;
  static constexpr std::size_t text_size = 40;
  using Bytes = std::array<unsigned char, size>;

  CurveKey() = default;
  explicit CurveKey(const Bytes& bytes) : bytes_(bytes) {}
  /// From text (ZeroMQ RFC 32, Z85); none where it is no key's.
  static std::optional<CurveKey> parse(std::string_view text);
  CurveKey(const CurveKey&) = default;
  CurveKey& operator=(const CurveKey&) = default;
  ~CurveKey();

  [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
  /// As text. Of a secret key: wipe() it after use.
  [[nodiscard]] std::string text() const;
  /// The public key of this secret one.
  [[nodiscard]] CurveKey public_key() const;

  /// A new secret key. The text of its public one begins with a letter or digit, so that it can stand on a
  /// command line and is never taken for a path.
  static CurveKey make_secret();

  bool operator==(const CurveKey&) const = default;

private:
  Bytes bytes_{};
};

/// Overwrites a text that was secret, and empties it.
void wipe(std::string& text) noexcept;

} // namespace registry_core
