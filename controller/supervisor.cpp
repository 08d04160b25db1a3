#include "controller/supervisor.hpp"

#include "controller/change.hpp"
#include "controller/survey.hpp"

#include <utility>

namespace controller {
namespace {

using Level = SupervisionEvent::Level;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds between_views{1};
constexpr std::chrono::milliseconds between_ticks{200};

} // namespace

Supervisor::Supervisor(SupervisorSettings settings, SupervisorOptions options)
    : options_(std::move(options)), supervision_(Seconds(settings.config->heartbeat_timeout_s)) {
  take(std::move(settings));
}

Supervisor::~Supervisor() = default;

void Supervisor::take(SupervisorSettings settings) {
  settings_ = std::move(settings);
  watched_.clear();
  std::vector<Supervision::Watched> watched;
  for (const auto& host : settings_.config->hosts)
    for (const auto& manager : host.managers) {
      if (!manager.restart_on_timeout) continue;
      watched_.emplace(manager.id, Chosen{&host, &manager, true});
      watched.push_back({manager.id, *manager.restart_on_timeout});
    }
  supervision_.watch(watched);
}

std::vector<std::string> Supervisor::at_work() const {
  std::vector<std::string> ids;
  for (const auto& [id, worker] : workers_)
    ids.push_back(id);
  return ids;
}

void Supervisor::change(SupervisorSettings settings) {
  if (settings.registry.endpoints != settings_.registry.endpoints) {
    registry_is_another_ = true;
    supervision_.another_registry();
  }
  supervision_.set_heartbeat_timeout(Seconds(settings.config->heartbeat_timeout_s));
  take(std::move(settings));
}

void Supervisor::run() {
  auto next = Clock::now();
  while (!options_.ending() || !workers_.empty()) {
    if (options_.tick) options_.tick();
    collect();
    if (!options_.ending() && Clock::now() >= next) {
      look();
      next = Clock::now() + between_views;
    }
    std::this_thread::sleep_for(between_ticks);
  }
}

void Supervisor::look() {
  const auto view = read_registry(settings_.registry, options_.ending);
  if (options_.ending()) return;
  say(view);
  for (const auto& id : supervision_.due(view, Clock::now()))
    begin(id);
  for (const auto& id : supervision_.take_given_up())
    give_up(id);
}

void Supervisor::give_up(const std::string& id) {
  auto text = id;
  text += " is offline and not restarted any more: its limit of ";
  text += std::to_string(watched_.at(id).manager->restart_on_timeout->per_hour);
  text += " an hour (per_hour) is reached; actorsctl status ";
  text += id;
  options_.log({Level::error, "given_up", id, text});
}

void Supervisor::say(const RegistryView& view) {
  const bool is_another = std::exchange(registry_is_another_, false);
  if (view.reachable == !registry_was_away_ && (view.reachable || !is_another)) return;
  registry_was_away_ = !view.reachable;
  if (!registry_was_away_)
    return options_.log({Level::info, "registry_back", "", "the registry answers again"});
  const auto why = options_.registry_line ? options_.registry_line(view) : view.error;
  options_.log({Level::warning, "registry_away", "",
                "the registry can't be asked, nothing is restarted meanwhile: " + why});
}

void Supervisor::begin(const std::string& manager_id) {
  // One who was not watched for a while may be at work still, and the end of that counts.
  if (workers_.contains(manager_id)) return;
  const auto chosen = watched_.at(manager_id);
  const auto in_a_row = supervision_.in_a_row(manager_id);
  workers_[manager_id] = std::jthread([this, settings = settings_, chosen, in_a_row] {
    auto result = work(settings, chosen, in_a_row);
    const std::lock_guard lock(mutex_);
    results_.push_back(std::move(result));
  });
}

/// With both eyes: only what systemd runs and the registry lost in this very activation hangs.
Judgement Supervisor::judged(const SupervisorSettings& settings, const Chosen& chosen) const {
  FanOutOptions fan_out;
  fan_out.cancelled = options_.ending;
  const auto seen = survey(*settings.config, std::span(&chosen, 1), settings.registry, fan_out);
  return seen.managers.front().judgement;
}

/// Looks twice: a host that was cut off can be reached again before its managers are heard, and no manager is
/// restarted for that.
Supervisor::Result Supervisor::work(const SupervisorSettings& settings, const Chosen& chosen,
                                    unsigned in_a_row) const {
  auto judgement = judged(settings, chosen);
  if (judgement.verdict == Verdict::hung) {
    wait_for_heartbeats(Seconds(settings.config->heartbeat_timeout_s));
    if (!options_.ending()) judgement = judged(settings, chosen);
  }
  const auto& id = chosen.manager->id;
  const auto where = id + " on " + chosen.host->name;
  const auto left_alone = [&](Level level, const std::string& text) {
    return Result{id, false, {level, "left_alone", id, where + text}};
  };
  if (judgement.verdict == Verdict::healthy)
    return left_alone(Level::info, " was offline and is heard again: it is left alone");
  if (judgement.verdict != Verdict::hung)
    return left_alone(judgement.verdict == Verdict::unreachable ? Level::warning : Level::info,
                      " is offline and left alone: it is " + std::string(to_string(judgement.verdict)) +
                          (judgement.detail.empty() ? "" : ", " + judgement.detail));
  if (options_.ending()) return left_alone(Level::info, " is offline and left alone: supervision ends");
  if (options_.dry_run)
    return {id,
            true,
            {Level::warning, "hung", id, where + " hangs (" + judgement.detail + ") and would be restarted"}};
  return restart(settings, chosen, in_a_row);
}

/// As long as the registry waits for them.
void Supervisor::wait_for_heartbeats(std::chrono::duration<double> timeout) const {
  const auto until = Clock::now() + timeout;
  while (Clock::now() < until && !options_.ending())
    std::this_thread::sleep_for(between_ticks);
}

Supervisor::Result Supervisor::restart(const SupervisorSettings& settings, const Chosen& chosen,
                                       unsigned in_a_row) const {
  ChangeOptions change_options;
  change_options.settle = Seconds(settings.config->settle_s);
  change_options.heartbeat_timeout = Seconds(settings.config->heartbeat_timeout_s);
  change_options.registry = settings.registry;
  change_options.reason = "actorsctl supervise: it hung";
  change_options.fan_out.cancelled = options_.ending;
  const auto report = controller::change(Operation::restart, std::span(&chosen, 1), change_options);
  const auto& outcome = report.outcomes.front();
  const auto& id = chosen.manager->id;
  const auto what = id + " on " + chosen.host->name + " hung: ";
  const auto number = in_a_row == 0 ? "" : ", the " + std::to_string(in_a_row + 1) + ". time in a row";
  if (outcome.end == Outcome::End::done)
    return {id, true, {Level::warning, "restarted", id, what + "restarted and heard again" + number}};
  const auto why = outcome.failure ? outcome.failure->message : outcome.text;
  return {id,
          true,
          {Level::error, "restart_failed", id, what + "its restart did not help" + number + ": " + why}};
}

void Supervisor::collect() {
  std::vector<Result> results;
  {
    const std::lock_guard lock(mutex_);
    results.swap(results_);
  }
  for (const auto& result : results) {
    workers_.erase(result.manager_id); // joins
    if (result.was_tried)
      supervision_.restarted(result.manager_id, Clock::now());
    else
      supervision_.left_alone(result.manager_id, Clock::now());
    auto& said = last_said_[result.manager_id];
    if (result.was_tried || said != result.event.text) options_.log(result.event);
    said = result.was_tried ? std::string() : result.event.text;
  }
}

} // namespace controller
