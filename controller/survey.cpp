#include "controller/survey.hpp"

#include "controller/host_group.hpp"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace controller {
namespace {

/// A manager that is alive is heard within this: its interval of 2 s and some jitter.
constexpr std::chrono::milliseconds next_heartbeat{2600};
constexpr std::chrono::milliseconds pause_between_surveys{300};

/// Asks the registry again while that can still turn `stopped` into `foreign`, or until every heartbeat that
/// may come has come.
void look_again(Survey& survey, const RegistryAccess& registry, const FanOutOptions& options) {
  const auto unclear = [&](const ManagerStatus& status) {
    return status.unit && status.manager->heartbeats &&
           needs_another_look(*status.unit, survey.registry, status.manager->id);
  };
  const auto deadline = Clock::now() + next_heartbeat;
  while (std::any_of(survey.managers.begin(), survey.managers.end(), unclear) && Clock::now() < deadline) {
    if (options.cancelled && options.cancelled()) return;
    std::this_thread::sleep_for(pause_between_surveys);
    auto later = read_registry(registry);
    if (!later.reachable) return;
    survey.registry = std::move(later);
  }
}

} // namespace

Survey survey(const config::Config& config, std::span<const Chosen> chosen, const RegistryAccess& registry,
              const FanOutOptions& options) {
  auto asked = std::async(std::launch::async, [&] { return read_registry(registry); });
  Survey survey;
  for (const auto& one : chosen)
    survey.managers.push_back({one.host, one.manager, {}, std::nullopt, std::nullopt});
  const auto groups = by_host(chosen);
  const auto hosts = hosts_of(groups);
  HostWork work;
  work.work = [&](std::size_t index, HostLink& link) {
    std::vector<std::string> units;
    for (const auto position : groups[index].positions)
      units.push_back(chosen[position].manager->service);
    auto readings = link.read(units);
    for (std::size_t i = 0; i < readings.size(); ++i)
      survey.managers[groups[index].positions[i]].unit = std::move(readings[i]);
  };
  work.failed = [&](std::size_t index, const Failure& failure) {
    for (const auto position : groups[index].positions)
      survey.managers[position].failure = failure;
  };
  fan_out(hosts, options, work);
  options.show({nullptr, nullptr, "waiting for the registry"});
  survey.registry = asked.get();
  look_again(survey, registry, options);
  for (auto& status : survey.managers) {
    if (status.unit)
      status.judgement = judge(*status.unit, survey.registry, status.manager->id, status.manager->heartbeats,
                               std::chrono::duration<double>(config.heartbeat_timeout_s));
    else if (status.failure)
      status.judgement = {Verdict::unreachable, status.failure->message};
  }
  return survey;
}

} // namespace controller
