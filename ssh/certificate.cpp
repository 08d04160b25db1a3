#include "ssh/certificate.hpp"

#include "ssh/error.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/known_hosts_file.hpp"
#include "ssh/wire_format.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <sstream>

namespace ssh {

namespace {

constexpr std::string_view suffix = "-cert-v01@openssh.com";

/// How many strings make up a plain key of each kind, after its name.
struct Kind {
  std::string_view name; ///< without the suffix
  std::string_view plain;
  int parts;
};
constexpr std::array kinds{
    Kind{"ssh-ed25519", "ssh-ed25519", 1},
    Kind{"ssh-rsa", "ssh-rsa", 2},
    Kind{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", 2},
    Kind{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", 2},
    Kind{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", 2},
    Kind{"sk-ssh-ed25519", "sk-ssh-ed25519@openssh.com", 2},
    Kind{"sk-ecdsa-sha2-nistp256", "sk-ecdsa-sha2-nistp256@openssh.com", 3},
};

const Kind* kind_of(std::string_view type) {
  if (type.size() <= suffix.size() || type.substr(type.size() - suffix.size()) != suffix) return nullptr;
  type.remove_suffix(suffix.size());
  const auto* found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == type; });
  return found == kinds.end() ? nullptr : found;
}

std::string unusable(const Certificate& certificate) {
  if (!certificate.for_users) return "is a host's certificate, not a user's";
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (now < certificate.valid_after) return "is not valid yet";
  return now >= certificate.valid_before ? "has expired" : "";
}

} // namespace

std::optional<Certificate> read_certificate(std::string_view blob) {
  const auto type = wire::take_string(blob);
  const auto* kind = type ? kind_of(*type) : nullptr;
  if (kind == nullptr || !wire::take_string(blob)) return std::nullopt; // the nonce
  Certificate certificate;
  certificate.key = wire::encode_string(kind->plain);
  for (int i = 0; i < kind->parts; ++i) {
    const auto part = wire::take_string(blob);
    if (!part) return std::nullopt;
    certificate.key += wire::encode_string(*part);
  }
  const auto serial = wire::take_long_number(blob);
  const auto role = wire::take_number(blob);
  const bool has_names = wire::take_string(blob) && wire::take_string(blob); // key id, principals
  const auto after = wire::take_long_number(blob), before = wire::take_long_number(blob);
  if (!serial || !role || !has_names || !after || !before) return std::nullopt;
  certificate.for_users = *role == 1; // SSH2_CERT_TYPE_USER
  certificate.valid_after = *after;
  certificate.valid_before = *before;
  return certificate;
}

CertificateFile load_certificate(const std::string& path) {
  CertificateFile file;
  file.path = path;
  if (::access(path.c_str(), F_OK) != 0) {
    file.problem = "does not exist";
    return file;
  }
  file.exists = true;
  std::string type, base64;
  try {
    std::istringstream(known_hosts::read_file(path)) >> type >> base64;
  } catch (const Error&) {
    file.problem = "can't be read";
    return file;
  }
  const auto blob = known_hosts::decode_key(base64);
  const auto certificate = blob ? read_certificate(*blob) : std::nullopt;
  file.problem = certificate ? unusable(*certificate) : "is no certificate";
  if (!certificate) return file;
  file.base64 = base64;
  file.key_base64 = known_hosts::encode_key(certificate->key);
  return file;
}

} // namespace ssh
