#pragma once

#include "config/config.hpp"
#include "controller/deploy_plan.hpp"
#include "controller/fan_out.hpp"
#include "controller/targets.hpp"

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace controller {

/// The configuration lacks what a unit needs.
class NotDeployable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One host's part.
struct HostDeployment {
  const config::Host* host = nullptr;
  config::Host administered; ///< the same without its managers, `ssh` being whom deploy logs in as
  WantedDeployment wanted;
  std::vector<DeployItem> items;
  bool needs_reload = false; ///< systemd is to read its units again
  bool reloaded = false;
  std::optional<Failure> failure; ///< which ended the work with it
};

/// Whom deploy logs in as: `as_user` at the host of `ssh`, else deploy_ssh, else as `ssh`. Empty: this
/// machine. \throws std::invalid_argument where no such user can be.
std::string deploy_target(const config::Host& host, const std::string& as_user);

/// What the configuration wants on these hosts: units of the chosen managers, rights for all of them. The
/// configuration outlives it. \throws NotDeployable, std::invalid_argument (as deploy_target()).
std::vector<HostDeployment> begin_deployment(const config::Config& config,
                                             std::span<const config::Host* const> hosts,
                                             std::span<const Chosen> chosen, const std::string& as_user);

/// The hosts as fan_out() reports them to an observer.
std::vector<const config::Host*> administered_hosts(const std::vector<HostDeployment>& deployments);

/// Looks at all hosts at once, and finds out what there is to do. Changes nothing. \param as_root else what
/// only root may see stays unknown where we can't be root
void plan_deployments(std::vector<HostDeployment>& deployments, const DeployChoices& choices, bool as_root,
                      const FanOutOptions& options);

/// Does it.
void apply_deployments(std::vector<HostDeployment>& deployments, const FanOutOptions& options);

} // namespace controller
