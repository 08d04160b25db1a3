#include "ssh/unlocked_keys.hpp"

#include "ssh/agent_relay.hpp"
#include "ssh/identity.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <vector>

namespace ssh {

namespace {

constexpr std::chrono::seconds agent_time{2};

/// A passphrase's place, wiped at its end.
class Secret {
public:
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { ::explicit_bzero(bytes_.data(), bytes_.size()); }
  [[nodiscard]] std::span<char> bytes() { return bytes_; }

private:
  std::array<char, UnlockedKeys::longest + 1> bytes_{};
};

/// What key files and agents have, each looked at once.
class Look {
public:
  const Identity& at_file(const std::string& path) {
    const auto found = files_.find(path);
    return found != files_.end() ? found->second : files_.emplace(path, load_identity(path)).first->second;
  }

  const std::vector<std::string>& at_agent(const std::string& path) {
    const auto found = agents_.find(path);
    if (found != agents_.end()) return found->second;
    const auto deadline = std::chrono::steady_clock::now() + agent_time;
    return agents_.emplace(path, path.empty() ? std::vector<std::string>() : agent_keys(path, deadline))
        .first->second;
  }

private:
  std::map<std::string, Identity> files_;
  std::map<std::string, std::vector<std::string>> agents_;
};

/// The files of one host whose passphrase has to be asked for.
std::vector<std::string> locked_files(const Settings& settings, Look& look) {
  std::vector<std::string> locked;
  bool other_key = false;
  for (const auto& path : settings.identity_files) {
    const auto& identity = look.at_file(path);
    other_key = other_key || identity.key;
    if (identity.needs_passphrase) locked.push_back(path);
  }
  if (locked.empty()) return locked;
  const auto& agent = look.at_agent(agent_path(settings));
  other_key = other_key || !agent.empty();
  if (settings.default_identities && other_key) return {};
  std::erase_if(locked, [&](const std::string& path) {
    return std::find(agent.begin(), agent.end(), look.at_file(path).public_base64) != agent.end();
  });
  return locked;
}

} // namespace

void UnlockedKeys::unlock(std::span<const Settings* const> hosts) {
  const std::lock_guard lock(asking_);
  Look look;
  const auto unlock_for = [&](const Settings& settings) {
    for (const auto& path : locked_files(settings, look)) {
      if (asked_.insert(path).second) ask_for(path);
    }
  };
  for (const auto* host : hosts) {
    for (const auto& hop : host->jumps)
      unlock_for(hop);
    unlock_for(*host);
  }
}

void UnlockedKeys::ask_for(const std::string& path) {
  std::string question = "passphrase for " + path + ": ";
  for (int i = 0; i < tries; ++i) {
    Secret secret;
    if (!ask_(question, secret.bytes()) || secret.bytes().front() == '\0') return;
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_file(path.c_str(), secret.bytes().data(), nullptr, nullptr, &raw) == SSH_OK) {
      const std::lock_guard lock(mutex_);
      keys_[path] = std::shared_ptr<ssh_key_struct>(raw, KeyDeleter());
      return;
    }
    question = "that was wrong; passphrase for " + path + ": ";
  }
}

std::shared_ptr<ssh_key_struct> UnlockedKeys::find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(path);
  return found == keys_.end() ? nullptr : found->second;
}

} // namespace ssh
