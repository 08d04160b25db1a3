#include "controller/deploy.hpp"

#include "controller/host_link.hpp"
#include "controller/privilege.hpp"
#include "systemd_units/systemctl.hpp"
#include "systemd_units/written.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

namespace controller {
namespace {

using deploying::Arguments;
using State = DeployItem::State;

constexpr const char* silent_shell =
    "does the login shell there print something? It must be silent for commands";

/// One host's work, on its thread.
class HostDeployer {
public:
  HostDeployer(HostDeployment& deployment, HostLink& link) : deployment_(deployment), link_(link) {}

  void plan(const DeployChoices& choices, bool as_root) {
    const auto question = question_for(deployment_.wanted, choices);
    const auto result = run(deploying::as_root(deploying::survey_command(question), !as_root), "");
    if (!succeeded(result)) throw HostError(why_not(result));
    try {
      const auto survey = deploying::read_survey(result.output, question);
      deployment_.items = plan_deployment(deployment_.wanted, survey, choices);
      deployment_.needs_reload = survey.needs_reload;
    } catch (const std::invalid_argument& error) {
      throw HostError({FailureClass::internal, error.what(), silent_shell});
    }
  }

  void apply() {
    for (auto& item : deployment_.items)
      if (item.is_to_do()) apply(item);
    if (!deployment_.needs_reload) return;
    const auto result = run(deploying::as_root(deploying::reload_command(), false), "");
    if (!succeeded(result)) {
      auto failure = why_not(result);
      failure.message = "systemd did not read its units again: " + failure.message;
      throw HostError(failure);
    }
    deployment_.reloaded = true;
  }

private:
  void apply(DeployItem& item) {
    switch (item.state) {
    case State::to_write: return put(item);
    case State::to_remove: return remove(item);
    case State::to_add: return item.kind == DeployItem::Kind::boot ? enable(item) : add(item);
    default: break;
    }
  }

  void put(DeployItem& item) {
    const bool is_unit = item.kind == DeployItem::Kind::unit;
    const bool is_sudoers = item.kind == DeployItem::Kind::sudoers;
    const deploying::Put put{item.path, item.state_before, systemd_units::cksum(item.content),
                             is_sudoers ? "0440" : "0644", is_sudoers};
    const auto result = run(deploying::as_root(deploying::put_command(put), false), item.content);
    if (!take(item, result, State::written)) return;
    item.text = item.text == "new" ? "written" : "written (" + item.text + ")";
    deployment_.needs_reload |= is_unit;
  }

  void remove(DeployItem& item) {
    const auto result = run(
        deploying::as_root(deploying::remove_command(item.path, item.state_before, item.unit), false), "");
    if (!take(item, result, State::removed)) return;
    item.text = "removed";
    deployment_.needs_reload |= !item.unit.empty();
  }

  /// After its unit has been put in place: where that failed there is nothing to enable, and systemd says so.
  void enable(DeployItem& item) {
    const auto result = run(deploying::as_root(deploying::enable_command(item.unit), false), "");
    if (!succeeded(result)) return fail(item, result);
    item.state = State::added;
    item.text = "enabled";
    deployment_.needs_reload = true;
  }

  void add(DeployItem& item) {
    const auto& user = deployment_.wanted.control_user;
    const auto result = run(deploying::as_root(deploying::add_to_journal_command(user), false), "");
    if (!succeeded(result)) return fail(item, result);
    item.state = State::added;
    item.text = user + " was added";
  }

  /// True where it was changed.
  bool take(DeployItem& item, const ssh::CommandResult& result, State done) {
    if (!succeeded(result)) {
      fail(item, result);
      return false;
    }
    try {
      const auto change = deploying::read_change(result.output);
      item.backup = change.backup;
      item.state = change.changed ? done : State::unchanged;
      if (!change.changed) item.text = "unchanged";
      return change.changed;
    } catch (const std::invalid_argument& error) {
      throw HostError({FailureClass::internal, error.what(), silent_shell});
    }
  }

  void fail(DeployItem& item, const ssh::CommandResult& result) const {
    auto failure = why_not(result);
    item.state = State::failed;
    item.text = "failed: " + failure.message;
    failure.message = what_of(item) + ": " + failure.message;
    item.failure = std::move(failure);
  }

  [[nodiscard]] Failure why_not(const ssh::CommandResult& result) const {
    const auto& administered = deployment_.administered;
    if (result.end == ssh::CommandResult::End::timed_out)
      return {FailureClass::timed_out, "no answer in time",
              usual_hint(FailureClass::timed_out, administered.name)};
    const auto said = what_it_said(result);
    if (said.find("changed it meanwhile") != std::string::npos)
      return {FailureClass::not_ours, said, "look again: actorsctl deploy --dry-run"};
    if (!systemd_units::says_no_privilege(result.error_output)) return {FailureClass::internal, said, ""};
    if (administered.is_local())
      return {FailureClass::privilege, "deploy needs root here, and sudo -n says: " + said,
              "run it as root: sudo actorsctl deploy"};
    return {FailureClass::privilege,
            "deploy needs root there, which " + administered.ssh + " is not; sudo -n says: " + said,
            "name an administrator: --as root, or deploy_ssh of hosts." + administered.name};
  }

  static bool succeeded(const ssh::CommandResult& result) {
    return result.end == ssh::CommandResult::End::exited && result.exit_status == 0;
  }

  ssh::CommandResult run(Arguments arguments, std::string input) {
    const auto deadline =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(deployment_.administered.command_timeout_s));
    return link_.run(ssh::Command{std::move(arguments), std::move(input)}, deadline);
  }

  HostDeployment& deployment_;
  HostLink& link_;
};

/// Where nothing has failed yet and `has_work` says so.
void on_each_host(std::vector<HostDeployment>& deployments, const FanOutOptions& options,
                  const std::function<bool(const HostDeployment&)>& has_work,
                  const std::function<void(HostDeployer)>& work) {
  std::vector<HostDeployment*> at_work;
  std::vector<const config::Host*> hosts;
  for (auto& one : deployments) {
    if (!one.failure && has_work(one)) {
      at_work.push_back(&one);
      hosts.push_back(&one.administered);
    } else {
      options.show({&one.administered, nullptr, ""});
    }
  }
  fan_out(hosts, options,
          {[&](std::size_t index, HostLink& link) { work(HostDeployer(*at_work[index], link)); },
           [&](std::size_t index, const Failure& failure) { at_work[index]->failure = failure; }});
}

} // namespace

void plan_deployments(std::vector<HostDeployment>& deployments, const DeployChoices& choices, bool as_root,
                      const FanOutOptions& options) {
  on_each_host(
      deployments, options, [](const HostDeployment&) { return true; },
      [&](HostDeployer host) { host.plan(choices, as_root); });
}

void apply_deployments(std::vector<HostDeployment>& deployments, const FanOutOptions& options) {
  const auto has_work = [](const HostDeployment& one) {
    return one.needs_reload ||
           std::any_of(one.items.begin(), one.items.end(), [](const auto& item) { return item.is_to_do(); });
  };
  on_each_host(deployments, options, has_work, [](HostDeployer host) { host.apply(); });
}

} // namespace controller
