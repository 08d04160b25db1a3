#include "ssh/identity.hpp"

#include "ssh/unlocked_keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace ssh {

namespace {

/// libssh asks for a passphrase: note that, and give none.
int refuse_passphrase(const char*, char*, std::size_t, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string public_part(const std::string& path) {
  ssh_key raw = nullptr;
  if (ssh_pki_import_pubkey_file((path + ".pub").c_str(), &raw) != SSH_OK &&
      ssh_pki_import_pubkey_file(path.c_str(), &raw) != SSH_OK)
    return {};
  const KeyHandle key(raw);
  char* base64 = nullptr;
  if (ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK) return {};
  return StringHandle(base64).get();
}

/// OpenSSH's own rule: a key of ours that others may read is no secret, and is not used.
std::string mode_problem(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "is a folder";
  if (status.st_uid == ::getuid() && (status.st_mode & 077) != 0)
    return "may be read by others, chmod 600 it";
  return {};
}

} // namespace

Identity load_identity(const std::string& path, const UnlockedKeys* unlocked) {
  Identity identity;
  identity.path = path;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    identity.exists = errno != ENOENT && errno != ENOTDIR;
    identity.problem = identity.exists ? std::generic_category().message(errno) : "does not exist";
    return identity;
  }
  identity.exists = true;
  identity.public_base64 = public_part(path);
  identity.problem = path.ends_with(".pub") ? "is a public key, which only helps with an agent that has it"
                                            : mode_problem(status);
  if (!identity.problem.empty()) return identity;
  if (::access(path.c_str(), R_OK) != 0) {
    identity.problem = "can't be read: " + std::generic_category().message(errno);
    return identity;
  }
  bool asked = false;
  ssh_key raw = nullptr;
  const int result = ssh_pki_import_privkey_file(path.c_str(), nullptr, refuse_passphrase, &asked, &raw);
  if (result == SSH_OK) {
    identity.key.reset(raw);
  } else if (const auto key = asked && unlocked != nullptr ? unlocked->find(path) : nullptr) {
    // A copy: it may be in use on several threads.
    identity.key.reset(ssh_key_dup(key.get()));
    if (!identity.key) throw std::bad_alloc();
  } else {
    identity.needs_passphrase = asked;
    identity.problem = asked ? "needs a passphrase" : "is no private key that can be used";
  }
  return identity;
}

} // namespace ssh
