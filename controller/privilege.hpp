#pragma once

#include "config/config.hpp"
#include "controller/registry_view.hpp"
#include "ssh/session.hpp"
#include "systemd_units/bus.hpp"
#include "systemd_units/ordered_calls.hpp"
#include "systemd_units/systemctl.hpp"

#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace controller {

/// Why a command failed, in its own words if it has any.
std::string what_it_said(const ssh::CommandResult& result);

/// What came of calls made in order, for each unit: the first that was refused ends them, and those after it
/// were not tried. Where the time was over, the one whose turn it was may have been made, and none after it.
/// \param process how the process that made the calls ended. \param user who ran it.
std::vector<systemd_units::ChangeResult> ordered_results(std::span<const systemd_units::OrderedCall> calls,
                                                         std::span<const std::string> units,
                                                         const ssh::CommandResult& process,
                                                         const std::string& user);

/// What came of calls of sudo_calls_command(), for each unit.
std::vector<systemd_units::ChangeResult> sudo_results(std::span<const systemd_units::OrderedCall> calls,
                                                      const ssh::CommandResult& process,
                                                      const std::string& user);

/// Changes of one host's units by the rights that there are (hosts.NAME.privilege). One thread.
class PrivilegedChanges {
public:
  using Units = std::span<const std::string>;
  using Results = std::vector<systemd_units::ChangeResult>;
  /// Makes a change with no more than the user's own rights, unit by unit: a refused call changes nothing,
  /// and for the units after it nothing is tried.
  using AsIs =
      std::function<Results(const systemd_units::Request& request, Units units, Clock::time_point deadline)>;
  /// Runs command lines side by side on that host; results in order.
  using Run = std::function<std::vector<ssh::CommandResult>(
      const std::vector<std::vector<std::string>>& commands, Clock::time_point deadline)>;

  PrivilegedChanges(config::Privilege privilege, std::string user, AsIs as_is, Run run);

  /// As is, and what is refused with sudo (`auto`); at once with sudo (`sudo`); only as is (`none`). Before
  /// sudo changes anything it is asked whether it may change all of them (`sudo -n -l` with the exact
  /// command, once a unit and request): where one is missing, sudo changes none, and the others' results name
  /// that one. Where it does not say so in time, none is asked for.
  Results change(const systemd_units::Request& request, Units units, Clock::time_point deadline);

private:
  Results with_sudo(const systemd_units::Request& request, Units units, Clock::time_point deadline);
  Results sudo_refusals(const systemd_units::Request& request, Units units, Clock::time_point deadline);
  void retry_refused(const systemd_units::Request& request, Units units, Clock::time_point deadline,
                     Results& results);

  config::Privilege privilege_;
  std::string user_;
  AsIs as_is_;
  Run run_;
  std::set<std::pair<systemd_units::Request, std::string>> granted_; ///< what sudo said it may do
};

} // namespace controller
