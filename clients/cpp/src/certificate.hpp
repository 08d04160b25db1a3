#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace actors::registry {

/// A CURVE key's bytes, wiped when the object goes.
class CurveKey {
public:
  static constexpr std::size_t size = 32;
  static constexpr std::size_t text_size = 40;

  CurveKey() = default;
  CurveKey(const CurveKey&) = default;
  CurveKey& operator=(const CurveKey&) = default;
  ~CurveKey();
  /// From its text (ZeroMQ RFC 32, Z85); none where it is no key's.
  static std::optional<CurveKey> parse(std::string_view text);

  [[nodiscard]] const unsigned char* data() const noexcept { return bytes_.data(); }
  bool operator==(const CurveKey&) const = default;

private:
  std::array<unsigned char, size> bytes_{};
};

/// A CURVE certificate, in the ZPL format (ZeroMQ RFC 4) of czmq and of pyzmq's zmq.auth.
struct Certificate {
  std::optional<CurveKey> public_key;
  std::optional<CurveKey> secret_key;
};

/// What stands in the text; what it is not is left out.
Certificate parse_certificate(std::string_view text);

enum class Readers { anybody, owner };
/// \param readers who else may be able to read the file. \throws UnusableKeyError naming the file, and never
/// what stands in it.
Certificate read_certificate(const std::string& path, Readers readers);

/// Overwrites a text that was secret.
void wipe(std::string& text) noexcept;

} // namespace actors::registry
