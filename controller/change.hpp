#pragma once

#include "controller/failure.hpp"
#include "controller/fan_out.hpp"
#include "controller/registry_view.hpp"
#include "controller/targets.hpp"
#include "systemd_units/systemctl.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// What an operator asks for.
enum class Operation { start, stop, restart };

std::string_view to_string(Operation operation);

/// A restart of a few at a time.
struct Rolling {
  unsigned at_once = 1;     ///< managers, over all hosts
  unsigned max_offline = 0; ///< how many others may have gone offline since the beginning
};

/// How a change is made.
struct ChangeOptions {
  bool wait = true;                                     ///< false: done when systemd accepted it
  std::optional<std::chrono::duration<double>> timeout; ///< in place of the units' own timeouts
  std::chrono::duration<double> settle{3};              ///< how long a unit must stay what it is
  std::chrono::duration<double> heartbeat_timeout{6};
  bool stop_on_error = false; ///< nothing new is begun after a failure
  std::optional<Rolling> rolling;
  RegistryAccess registry;
  std::string reason; ///< of a stop or restart, for those who see managers go offline; at most 255 bytes
  FanOutOptions fan_out;
  std::function<void(const std::string& line)> progress; ///< talk; called from several threads, one at a time
};

/// How it ended for one manager.
struct Outcome {
  enum class End {
    done,
    unverified, ///< done, but the registry could not be asked
    skipped,    ///< nothing was to be done
    failed,
    unfinished, ///< not heard, or a job still running, by the deadline
  };
  const config::Host* host = nullptr;
  const config::Manager* manager = nullptr;
  End end = End::failed;
  std::string text;               ///< `started`, `already stopped`, `still starting`
  std::optional<Failure> failure; ///< where failed or unfinished
  std::vector<std::string>
      journal;                 ///< the last that the unit, and systemd of it, said of the life that failed
  std::string journal_problem; ///< why that can't be quoted; may be empty
  double took_s = 0;
};

/// What came of a change.
struct ChangeReport {
  std::vector<Outcome> outcomes;                ///< in the order chosen
  std::shared_ptr<const RegistryView> registry; ///< the last view; null where nobody had to be heard
  std::string stopped_by; ///< why it ended before everybody had begun; empty: it did not
};

/// Changes the chosen managers, hosts side by side, one session a host. A start or restart is done when the
/// unit is active, kept its invocation and its count of restarts through the settle time, and the registry
/// heard a message of this activation; a stop when the unit is down and no job is left. Stops and restarts
/// are announced to the registry, if it is there. A rolling restart goes on only while the registry has what
/// was restarted, and the others, online.
ChangeReport change(Operation operation, std::span<const Chosen> chosen, const ChangeOptions& options);

} // namespace controller
