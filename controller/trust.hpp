#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

/// What came of asking one host for its key.
struct KeyOfHost {
  const config::Host* host = nullptr;
  std::optional<ShownKey> key;
  std::optional<Failure> failure;
};

/// Asks all these hosts for their keys side by side; nothing is written and nobody is authenticated. A local
/// host has neither key nor failure. In the order given.
std::vector<KeyOfHost> shown_keys(std::span<const config::Host* const> hosts,
                                  const std::function<bool()>& cancelled);

} // namespace controller
