#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "controller/verdict.hpp"
#include "ssh/error.hpp"
#include "ssh/session.hpp"
#include "systemd_units/bus.hpp"
#include "systemd_units/journal.hpp"
#include "systemd_units/systemctl.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// One host's systemd, over SSH or this machine's bus. Used on the thread that made it.
class HostLink {
public:
  HostLink() = default;
  HostLink(const HostLink&) = delete;
  HostLink& operator=(const HostLink&) = delete;
  virtual ~HostLink() = default;

  /// The units' states, in order; bounded by the host's command timeout. \throws HostError.
  virtual std::vector<UnitReading> read(std::span<const std::string> units) = 0;

  /// Asks for the units' changes in order, up to the first that is refused, and awaits their jobs, which run
  /// side by side. Results in order. \throws HostError.
  virtual std::vector<systemd_units::ChangeResult> change(const systemd_units::Request& request,
                                                          std::span<const std::string> units,
                                                          Clock::time_point deadline) = 0;

  /// Gives the units' journal entries, oldest first, as they come. Returns at the end, which a query that
  /// follows only has when `cancelled` (asked about four times a second; may be empty) says so. \throws
  /// HostError (privilege: not all of it may be read; timed_out: nothing came for the host's command timeout,
  /// though the query does not follow), after what came until then was given.
  virtual void journal(std::span<const std::string> units, const systemd_units::JournalQuery& query,
                       const std::function<void(const systemd_units::JournalEntry&)>& entry,
                       const std::function<bool()>& cancelled) = 0;

  /// Programs of that host side by side, each an argument vector; results in order. What it began is left to
  /// the host at the deadline, this machine ends it. \throws HostError where they can't be begun.
  virtual std::vector<ssh::CommandResult> run(std::span<const std::vector<std::string>> commands,
                                              Clock::time_point deadline) = 0;

  /// The same for one command, which may have an input.
  virtual ssh::CommandResult run(const ssh::Command& command, Clock::time_point deadline) = 0;

  /// By which keys the host and we know each other; nullptr: this machine, where none are needed.
  [[nodiscard]] virtual const ssh::Trust* trust() const = 0;

  /// As `systemctl --version` has it: `252`. \throws HostError.
  virtual std::string systemd_version() = 0;
};

/// This machine. Its systemd is connected to when it is first asked; where it can't be, that \throws
/// HostError.
std::unique_ptr<HostLink> link_local(const config::Host& host);

/// A host behind an authenticated session of that user's.
std::unique_ptr<HostLink> link_ssh(const config::Host& host, ssh::Session session, std::string user);

/// An SSH error as a failure; the hint is completed with the host's name.
Failure to_failure(const ssh::Error& error, const std::string& host_name);

} // namespace controller
