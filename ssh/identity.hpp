#pragma once

#include "ssh/handles.hpp"

#include <string>

namespace ssh {

class UnlockedKeys;

/// A private key file as far as it can be used without asking anyone.
struct Identity {
  std::string path;
  KeyHandle key; ///< empty where it can't be used
  bool exists = false;
  bool needs_passphrase = false;
  std::string problem;       ///< why it can't be used, for a message: "needs a passphrase"
  std::string public_base64; ///< the public key, also of a key that needs a passphrase; empty where unknown
};

/// Loads a key file, one with a passphrase from `unlocked` if it is there (null: none is). Never prompts;
/// never throws but for memory.
Identity load_identity(const std::string& path, const UnlockedKeys* unlocked = nullptr);

} // namespace ssh
