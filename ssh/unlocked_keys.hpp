#pragma once

#include "ssh/settings.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

struct ssh_key_struct; // libssh's

namespace ssh {

/// Asks somebody for a passphrase: writes it into `answer` with a NUL behind it. The caller owns that memory
/// and wipes it. False: there is nobody to ask, or no passphrase was given.
using AskPassphrase = std::function<bool(const std::string& question, std::span<char> answer)>;

/// Keys of files with a passphrase, in memory for as long as this lives. Any thread.
class UnlockedKeys {
public:
  static constexpr int tries = 3;              ///< for one file
  static constexpr std::size_t longest = 1023; ///< bytes of a passphrase

  explicit UnlockedKeys(AskPassphrase ask) : ask_(std::move(ask)) {}

  /// Asks for the passphrases that these hosts and their jump hosts need, once a file whatever came of it.
  /// Not asked for: a key that the agent has, and one of OpenSSH's default files where a host has another key
  /// to show.
  void unlock(std::span<const Settings* const> hosts);

  /// Null where the file was not unlocked.
  [[nodiscard]] std::shared_ptr<ssh_key_struct> find(const std::string& path) const;

private:
  void ask_for(const std::string& path);

  AskPassphrase ask_;
  std::mutex asking_;           ///< held while somebody is asked; taken before the other
  std::set<std::string> asked_; ///< files, whatever came of it
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ssh_key_struct>> keys_;
};

} // namespace ssh
