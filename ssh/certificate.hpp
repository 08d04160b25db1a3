#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssh {

/// What an OpenSSH certificate says (OpenSSH's PROTOCOL.certkeys), as far as we need it.
struct Certificate {
  std::string key; ///< the blob of the plain key that it certifies
  bool for_users = false;
  std::uint64_t valid_after = 0, valid_before = 0; ///< seconds since 1970
};

/// Reads a certificate's blob; nothing where it is none, or of a kind that we don't know. Pure.
std::optional<Certificate> read_certificate(std::string_view blob);

/// A certificate in a file, `TYPE BASE64 COMMENT`.
struct CertificateFile {
  std::string path;
  bool exists = false;
  std::string problem;            ///< why it can't be used, for a message: "has expired"; empty where it can
  std::string base64, key_base64; ///< itself, and the plain key that it certifies
};

/// Loads one; never throws but for memory.
CertificateFile load_certificate(const std::string& path);

} // namespace ssh
