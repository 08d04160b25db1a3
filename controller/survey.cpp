#include "controller/survey.hpp"

#include "controller/host_group.hpp"

#include <future>
#include <thread>
#include <utility>

namespace controller {
namespace {

/// A manager that is alive is heard within this: its interval of 2 s and some jitter.
constexpr std::chrono::milliseconds next_heartbeat{2600};
constexpr std::chrono::milliseconds pause_between_views{300};
/// What the registry said so shortly before a unit was read is of the same moment: no heartbeat timeout fits
/// in.
constexpr std::chrono::milliseconds one_moment{500};

void judge_by(const RegistryView& registry, const config::Config& config, ManagerStatus& status) {
  const auto* entry = registry.find(status.manager->id);
  status.entry = entry == nullptr ? std::nullopt : std::optional(*entry);
  if (status.unit)
    status.judgement = judge(*status.unit, registry, status.manager->id, status.manager->heartbeats,
                             std::chrono::duration<double>(config.heartbeat_timeout_s));
  else if (status.failure)
    status.judgement = {Verdict::unreachable, status.failure->message};
}

/// Whether a later view of the registry can judge otherwise: it can turn `stopped` into `foreign`, and a
/// manager that began another life, or came back, before a slow host answered, is not heard in one from
/// before.
bool is_in_doubt(const ManagerStatus& status, const RegistryView& registry) {
  if (!status.unit || !status.manager->heartbeats) return false;
  if (needs_another_look(*status.unit, registry, status.manager->id)) return true;
  const auto verdict = status.judgement.verdict;
  return (verdict == Verdict::silent || verdict == Verdict::hung) &&
         status.unit->answered > registry.asked + one_moment;
}

/// Asks the registry again while that can change a verdict, or until every heartbeat that may come has come.
/// Who is not in doubt is left as judged: a later view fits an earlier reading no better.
void look_again(Survey& survey, const config::Config& config, const RegistryAccess& access,
                const FanOutOptions& options) {
  std::vector<ManagerStatus*> in_doubt;
  for (auto& status : survey.managers)
    if (is_in_doubt(status, survey.registry)) in_doubt.push_back(&status);
  const auto deadline = Clock::now() + next_heartbeat;
  while (!in_doubt.empty() && Clock::now() < deadline) {
    if (options.cancelled && options.cancelled()) return;
    const auto later = read_registry(access, options.cancelled);
    if (!later.reachable) return;
    for (auto* status : in_doubt)
      judge_by(later, config, *status);
    std::erase_if(in_doubt, [&](const ManagerStatus* status) { return !is_in_doubt(*status, later); });
    if (!in_doubt.empty()) std::this_thread::sleep_for(pause_between_views);
  }
}

} // namespace

Survey survey(const config::Config& config, std::span<const Chosen> chosen, const RegistryAccess& registry,
              const FanOutOptions& options) {
  auto asked = std::async(std::launch::async, [&] { return read_registry(registry); });
  Survey survey;
  for (const auto& one : chosen) {
    auto& status = survey.managers.emplace_back();
    status.host = one.host;
    status.manager = one.manager;
  }
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
  for (auto& status : survey.managers)
    judge_by(survey.registry, config, status);
  look_again(survey, config, registry, options);
  return survey;
}

} // namespace controller
