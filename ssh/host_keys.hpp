#pragma once

#include "ssh/session.hpp"
#include "ssh/settings.hpp"
#include "ssh/stream.hpp"

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
  std::string
      authority; ///< `FILE:LINE` of a @cert-authority line for this host: certificates can't be checked
};

/// Reads the user's and the global files. A file that does not exist says nothing; one that can't be read is
/// \throws Error (class settings): it might revoke the key.
KeyVerdict judge_host_key(const Settings& settings, const HostKey& key);

/// Where the key is known, as `FILE:LINE`. \throws Error (class host_key) unless it is; the texts and hints
/// are those of ssh/error.hpp.
std::string require_known_host_key(const Settings& settings, const HostKey& key);

/// The key types that known_hosts has for the host, as `ssh-ed25519`; lines with a marker don't count.
/// \throws Error (class settings) where a file can't be read.
std::vector<std::string> known_key_types(const Settings& settings);

/// Fetches the key that the server shows, of the type that known_hosts has for it if it has one. No
/// authentication is tried. \throws Error.
HostKey fetch_host_key(const Settings& settings, Stream stream, Deadline deadline);

/// Appends the key for this host to the first user known_hosts file (made with its folder, 0700 and 0600, if
/// absent). With `replace`, lines with another key of this host in the user's files are removed first,
/// written atomically; lines with a marker or a wildcard stay. A key that is known already is left as it is.
/// Returns the file's path. \throws Error (host_key: the key is revoked, or another one is there and
/// `replace` is false; settings: there is no user file to write to) or std::system_error.
std::string trust_host_key(const Settings& settings, const HostKey& key, bool replace);

} // namespace ssh
