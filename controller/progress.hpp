#pragma once

#include "config/config.hpp"

#include <functional>
#include <string>

namespace controller {

/// What a host, a manager or the whole command waits for from now on, for whoever watches.
struct ProgressStep {
  const config::Host* host = nullptr; ///< null: all that is left is something else, such as the registry
  const config::Manager* manager = nullptr; ///< null: the host, and each of its managers that is not done
  std::string waits_for;                    ///< in words: `connecting`, `not heard yet`; empty: it is done
};

/// Called from several threads, also at once; must not throw.
using ProgressObserver = std::function<void(const ProgressStep&)>;

} // namespace controller
