#include "controller/host_check.hpp"

namespace controller {
namespace {

/// Failures that come after the host has answered.
bool answered(FailureClass failure_class) {
  return failure_class == FailureClass::host_key || failure_class == FailureClass::authentication ||
         failure_class == FailureClass::internal || failure_class == FailureClass::lost;
}

} // namespace

std::vector<HostStatus> check_hosts(std::span<const config::Host* const> hosts,
                                    const FanOutOptions& options) {
  using Seconds = std::chrono::duration<double>;
  std::vector<HostStatus> statuses(hosts.size());
  for (std::size_t i = 0; i < hosts.size(); ++i)
    statuses[i].host = hosts[i];
  const auto begun = Clock::now();
  HostWork work;
  work.work = [&](std::size_t index, HostLink& link) {
    auto& status = statuses[index];
    status.reachable = status.authenticated = !hosts[index]->is_local();
    const auto asked = Clock::now();
    status.connect_s = Seconds(asked - begun).count();
    status.systemd_version = link.systemd_version();
    status.reachable = status.authenticated = true; // this machine, too
    status.round_trip_s = Seconds(Clock::now() - asked).count();
  };
  work.failed = [&](std::size_t index, const Failure& failure) {
    auto& status = statuses[index];
    status.failure = failure;
    status.reachable = status.reachable || (answered(failure.failure_class) && !failure.on_the_way);
  };
  fan_out(hosts, options, work);
  return statuses;
}

} // namespace controller
