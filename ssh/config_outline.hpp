#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ssh {

/// What of some ssh_config(5) files could make them say something else of one host than of another. It is no
/// reader of settings: those are OpenSSH's business. It knows the lines that tell hosts apart and gives up on
/// whatever it does not know for certain, so it errs only by calling hosts different that are alike.
class ConfigOutline {
public:
  /// nullopt: nothing can be said of these files. So with `Match`, names to be canonicalized, tokens (`%`)
  /// where they count, and every line that is written in an uncommon way.
  static std::optional<ConfigOutline> of(std::span<const std::string> texts);

  /// Hosts of one kind are told the same by these files. nullopt: this host's is its own, as a `HostName` may
  /// be meant for it. \param host in lower case, as it is given to ssh.
  [[nodiscard]] std::optional<std::string> kind(std::string_view host) const;

private:
  /// The lines from one `Host` to the next.
  struct Block {
    std::vector<std::string> patterns; ///< without `!`
    bool renames = false;              ///< has a `HostName`
  };
  bool add(std::string_view text);
  bool add_line(std::string_view line);
  bool begin_block(std::string_view patterns);
  std::vector<Block> blocks_;
};

} // namespace ssh
