#pragma once

#include "ssh/session.hpp"
#include "ssh/settings.hpp"
#include "ssh/unique_fd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ssh {

/// A server's public host key.
struct HostKey {
  std::string type;        ///< as in known_hosts: `ssh-ed25519`
  std::string base64;      ///< the key blob
  std::string fingerprint; ///< `SHA256:…`, as `ssh-keygen -l` prints it
};

enum class KeyStanding { known, unknown, changed, revoked };

/// What the known_hosts files say of a key (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
struct KeyVerdict {
  KeyStanding standing = KeyStanding::unknown;
  std::string where; ///< `FILE:LINE` of the line that decided it, empty where none did
};

KeyVerdict judge_host_key(const Settings& settings, const HostKey& key);

/// Fetches the key that the server shows, of the type that known_hosts has for it if it has one. No
/// authentication is tried. \throws Error.
HostKey fetch_host_key(const Settings& settings, UniqueFd socket, Deadline deadline);

/// Appends the key for this host to the first user known_hosts file (made with its folder, 0700 and 0600, if
/// absent). With `replace`, lines with another key of this host in the user's files are removed first, written
/// atomically. Returns the file's path. \throws Error (class settings) or std::system_error.
std::string trust_host_key(const Settings& settings, const HostKey& key, bool replace);

} // namespace ssh
