#pragma once

#include "config/config.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace controller {

/// Which managers a command is about, as the user said it.
struct Selection {
  std::vector<std::string> patterns; ///< ids or globs, `HOST/ID` with a glob on either side
  std::vector<std::string> hosts;    ///< all managers of these hosts (globs)
  bool all = false;
  std::vector<std::string> excludes; ///< taken away again, as patterns

  [[nodiscard]] bool names_nothing() const { return patterns.empty() && hosts.empty() && !all; }
};

/// A manager that was chosen. The configuration outlives it.
struct Chosen {
  const config::Host* host = nullptr;
  const config::Manager* manager = nullptr;
  bool named_literally = false; ///< by its own id, not by a glob, --host or --all
};

/// A name or glob fits no manager (or no host).
class NoSuchName : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The chosen managers in the order of the file, each once. \throws NoSuchName for the first pattern, host or
/// exclusion that fits nothing.
std::vector<Chosen> select(const config::Config& config, const Selection& selection);

/// The hosts that fit the globs, all where there is none. \throws NoSuchName.
std::vector<const config::Host*> select_hosts(const config::Config& config,
                                              const std::vector<std::string>& globs);

} // namespace controller
