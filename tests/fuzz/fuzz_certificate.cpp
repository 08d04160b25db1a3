// Any bytes as a CURVE certificate: it is one or an error, and one that is read can be written and read
// again.

#include "registry_core/security/certificate.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    auto certificate = registry_core::parse_certificate(text);
    certificate.metadata.clear(); // values with quotes in them are not ours to write
    const auto again = registry_core::parse_certificate(registry_core::text_of(certificate));
    if (again.public_key != certificate.public_key || again.secret_key != certificate.secret_key)
      std::abort();
  } catch (const registry_core::CertificateError&) {
  }
  return 0;
}
