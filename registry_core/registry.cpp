#include "registry_core/registry_state.hpp"

#include <utility>

namespace registry_core {

Registry::Registry(RegistryOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;
Registry::~Registry() = default;

Plan Registry::decide(const protocol::Request& request, const Asker& asker) {
  return std::visit([&](const auto& one) { return state_->decide(one, asker); }, request);
}
void Registry::propose(Plan& plan) {
  plan.proposed = true;
  state_->claim(plan);
}
void Registry::apply(const Plan& plan, const Asker& asker) {
  if (plan.proposed) state_->release(plan);
  state_->apply(plan, asker);
}
void Registry::give_up(const Plan& plan) {
  state_->release(plan);
}
protocol::Reply Registry::reply(const protocol::Request& request, const Plan& plan, const Asker& asker) {
  return std::visit([&](const auto& one) { return state_->reply(one, plan, asker); }, request);
}

protocol::Reply Registry::handle(const protocol::Request& request, const Asker& asker) {
  Plan plan = decide(request, asker);
  if (plan.answer) return std::move(*plan.answer);
  apply(plan, asker);
  return reply(request, plan, asker);
}

protocol::LookupResult Registry::look_up(const protocol::LookupActor& request, const Now& now) {
  return state_->look_up(request.actor_name, now.liveness);
}
void Registry::hear(const protocol::Request& request, const Asker& asker) {
  state_->hear(request, asker);
}
void Registry::grant_timeout(Nanos before, Nanos now) {
  state_->grant_timeout(before, now);
}
bool Registry::expire(const Now& now, std::size_t most) {
  return state_->expire(now, most);
}
std::optional<Plan> Registry::forget(const Now& now, std::size_t most) {
  return state_->forget(now, most);
}
std::optional<Registry::GuardTrip> Registry::take_guard_trip() noexcept {
  return std::exchange(state_->guard_trip, std::nullopt);
}
void Registry::tick() {
  state_->add_event(Event::Kind::tick);
}
std::vector<Event> Registry::take_events() {
  return std::exchange(state_->events, {});
}

void Registry::restore(Change&& change) {
  state_->restoring = true;
  std::visit([this](const auto& one) { state_->apply(one, {}); }, change);
}
void Registry::restored(const Now& now) {
  state_->restored(now);
}
std::vector<Change> Registry::take_unstored(const Now& now, std::size_t most) {
  return state_->take_unstored(now, most);
}
void Registry::not_stored(const std::vector<Change>& changes) {
  state_->not_stored(changes);
}
bool Registry::walk(Walk& walk, const Now& now, std::size_t most,
                    const std::function<void(const Change&)>& take) const {
  return state_->walk(walk, now, most, take);
}

const RegistryOptions& Registry::options() const noexcept {
  return state_->options;
}
Registry::Counts Registry::counts() const noexcept {
  return {state_->actors.size(), state_->online_actors, state_->managers.size(), state_->online_managers,
          state_->suspect_managers};
}
void Registry::change_options(RegistryOptions options) {
  options.epoch = state_->options.epoch;
  options.run = state_->options.run;
  const bool forgets_now = options.forget_offline_after && !state_->options.forget_offline_after;
  state_->options = std::move(options);
  if (forgets_now) state_->remember_orphans();
}

Event& Registry::State::add_event(Event::Kind kind) {
  if (restoring) return unsaid_ = {};
  Event& event = events.emplace_back();
  event.kind = kind;
  if (kind != Event::Kind::local_only) event.seq = ++seq;
  return event;
}

Event& Registry::State::add_event(Event::Kind kind, const Actor& actor) {
  Event& event = add_event(kind, actor.manager());
  event.actor_name = actor.name();
  event.endpoint = actor.endpoint();
  return event;
}

Event& Registry::State::add_event(Event::Kind kind, const Manager& manager) {
  Event& event = add_event(kind);
  event.manager_id = manager.id;
  return event;
}

} // namespace registry_core
