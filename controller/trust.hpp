#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace controller {

/// The key that a host shows now, and what known_hosts says of it.
class ShownKey {
public:
  enum class Standing { known, unknown, changed, revoked };

  [[nodiscard]] Standing standing() const;
  [[nodiscard]] std::string type() const;        ///< `ssh-ed25519`
  [[nodiscard]] std::string fingerprint() const; ///< `SHA256:…`
  [[nodiscard]] std::string where() const;       ///< `FILE:LINE` that decided the standing; may be empty

  /// Writes it to the user's known_hosts and returns that file's path; `replace`: in place of other keys of
  /// this host. \throws HostError.
  [[nodiscard]] std::string trust(bool replace) const;

  struct Data;
  explicit ShownKey(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

private:
  std::shared_ptr<const Data> data_;
};

/// What came of asking a host, or a jump host on the way to it, for its key.
struct KeyOfHost {
  const config::Host* host = nullptr;
  std::string jump_host; ///< the first of those behind it is `host`; empty: the host itself
  std::string target;    ///< `USER@HOSTNAME:PORT`, as ssh_config has it; empty: not known
  std::optional<ShownKey> key;
  std::optional<Failure> failure;
};

/// Says whether a key is trusted now; it has seen to that itself.
using JudgeKey = std::function<bool(const KeyOfHost& one)>;

/// Asks all these hosts for their keys, and the jump hosts before them, the nearest first: those at the same
/// distance side by side. Nobody is authenticated but at a jump host that is to be passed. `judge` is called
/// on this thread, once for each host and jump host, in the order of the hosts given at each distance; what
/// is behind a jump host that it does not trust fails. A local host has neither key nor failure.
void show_keys(std::span<const config::Host* const> hosts, const std::function<bool()>& cancelled,
               const JudgeKey& judge);

} // namespace controller
