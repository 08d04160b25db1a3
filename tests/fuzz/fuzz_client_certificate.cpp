// Any bytes as a client's CURVE certificate: reading them never crashes, and what is taken for a key is one,
// as it stands there.

#include "clients/cpp/src/certificate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <zmq.h>

namespace {

using actors::registry::CurveKey;

void check(const std::optional<CurveKey>& key, std::string_view text) {
  if (!key) return;
  std::array<char, CurveKey::text_size + 1> encoded{};
  zmq_z85_encode(encoded.data(), key->data(), CurveKey::size);
  if (text.find(encoded.data()) == std::string_view::npos) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto certificate = actors::registry::parse_certificate(text);
  check(certificate.public_key, text);
  check(certificate.secret_key, text);
  return 0;
}
