#pragma once

#include "registry_core/security/curve_key.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace registry_core {

/// A CURVE certificate in the ZPL format of czmq and of pyzmq's zmq.auth (ZeroMQ RFC 4): sections `metadata`
/// and `curve`, the latter with `public-key` and, in a secret one, `secret-key`.
struct Certificate {
  std::vector<std::pair<std::string, std::string>> metadata;
  CurveKey public_key;
  std::optional<CurveKey> secret_key;
};

/// A text is no certificate, or a file can't be used as one.
class CertificateError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// \throws CertificateError: `LINE: what was expected`, and never what stands there.
Certificate parse_certificate(std::string_view text);

/// As text that parse_certificate and the libraries above read. Of a secret one: wipe() it after use.
std::string text_of(const Certificate& certificate);

/// Reads a file with a secret key, which nobody but its owner may read or write (nobody but this service,
/// where systemd made it: a credential), and which belongs to this user or to root. \throws CertificateError,
/// which names the file.
Certificate read_secret_certificate(const std::string& path);

/// Reads a public key from a file of either kind. \throws CertificateError, which names the file.
CurveKey read_public_key(const std::string& path);

/// Makes a key pair: `PATH.key` is for others, `PATH.key_secret` for its owner alone. Overwrites nothing;
/// leaves either both files or none. \param name stands in both. \param created the same. \throws
/// CertificateError, std::system_error.
CurveKey make_key_files(const std::string& path, const std::string& name, const std::string& created);

} // namespace registry_core
