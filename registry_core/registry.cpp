#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/registry_state.hpp"

#include <utility>

namespace registry_core {

using protocol::ErrorCode;

namespace {

std::optional<std::string> owned(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

} // namespace

Registry::Registry(RegistryOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;
Registry::~Registry() = default;

protocol::Reply Registry::handle(const protocol::Request& request, const Asker& asker) {
  return std::visit([&](const auto& one) { return state_->answer(one, asker); }, request);
}

void Registry::grant_timeout(Nanos before, Nanos now) {
  state_->grant_timeout(before, now);
}
bool Registry::expire(Nanos now, std::size_t most) {
  return state_->expire(now, most);
}
std::vector<Event> Registry::take_events() {
  return std::exchange(state_->events, {});
}
std::vector<Change> Registry::take_changes() {
  return std::exchange(state_->changes, {});
}
const RegistryOptions& Registry::options() const noexcept {
  return state_->options;
}

Registry::Counts Registry::counts() const noexcept {
  return {state_->actors.size(), state_->online_actors, state_->managers.size(), state_->online_managers};
}

Actor* Registry::State::find_actor(std::string_view name) const noexcept {
  const auto found = actor_index.find(name);
  return found == actor_index.end() ? nullptr : found->second;
}

Manager* Registry::State::find_manager(std::string_view id) const noexcept {
  const auto found = manager_index.find(id);
  return found == manager_index.end() ? nullptr : found->second;
}

void Registry::State::add_event(Event::Kind kind, std::string_view actor, std::string_view manager,
                                std::string_view detail) {
  if (kind != Event::Kind::local_only) ++seq;
  events.push_back({kind, std::string(actor), std::string(manager), std::string(detail)});
}

protocol::Reply Registry::State::answer(const protocol::Refusal& request, const Asker&) {
  return protocol::reply_to(request);
}

protocol::Reply Registry::State::answer(const protocol::LookupActor& request, const Asker& asker) {
  protocol::LookupResult result;
  result.actor_name = request.actor_name;
  if (const Actor* actor = find_actor(request.actor_name)) {
    result.endpoint = actor->endpoint;
    result.online = is_online(*actor, asker.now.liveness);
    result.manager_id = actor->manager->id;
  }
  return result;
}

protocol::Reply Registry::State::answer(const protocol::Heartbeat& request, const Asker& asker) {
  Manager* manager = find_manager(request.manager_id);
  if (manager) note_silence(*manager, asker.now.liveness);
  protocol::HeartbeatAck ack;
  ack.epoch = options.epoch;
  if (manager && refuses(*manager, request.instance, asker.now.liveness)) {
    manager->find_life(*request.instance)->heard = asker.now.liveness;
    ack.superseded = true;
    ack.actors = manager->held();
    return ack;
  }
  if (begins(manager, request.instance)) {
    commit(InstanceBegan{std::string(request.manager_id), owned(request.instance)}, asker);
    manager = find_manager(request.manager_id);
  }
  touch(*manager, request.process, asker);
  ack.actors = manager->held();
  for (auto name = manager->lost.begin();
       name != manager->lost.end() && ack.lost.size() < protocol::most_lost; ++name) {
    ack.lost.push_back(*name);
  }
  return ack;
}

/// Whether the message is of a superseded life whose successor is still heard.
bool Registry::State::refuses(const Manager& manager, const std::optional<std::string_view>& instance,
                              Nanos now) const {
  if (!instance || manager.current->instance == *instance) return false;
  return is_online(manager, now) && manager.is_superseded(manager.find_life(*instance));
}

/// Whether a message makes its manager or its life the current one.
bool Registry::State::begins(const Manager* manager, const std::optional<std::string_view>& instance) const {
  return !manager || (instance && manager->current->instance != *instance);
}

protocol::RegistrationFailed Registry::State::taken(const Actor& actor) const {
  std::string reason = "Name already registered by manager '";
  reason.append(actor.manager->id).append("'");
  return {actor.name, std::move(reason), ErrorCode::taken};
}

protocol::RegistrationFailed Registry::State::superseded(std::string_view actor_name,
                                                         const Manager& manager) const {
  std::string reason = "A newer instance of manager '";
  reason.append(manager.id).append("' has taken over");
  return {actor_name, std::move(reason), ErrorCode::superseded};
}

bool Registry::State::may_take(const Actor* actor, const Manager& manager, Nanos now) const {
  if (!actor || actor->manager == &manager) return true;
  return options.takeover == Takeover::offline && !owner_is_heard(*actor, now);
}

void Registry::State::settle_loss(Manager& manager, std::string_view actor_name, const Asker& asker) {
  if (manager.lost.empty() || !manager.lost.contains(actor_name)) return;
  commit(LossSettled{std::string(manager.id), std::string(actor_name)}, asker);
}

protocol::Reply Registry::State::answer(const protocol::RegisterActor& request, const Asker& asker) {
  Manager* manager = find_manager(request.manager_id);
  if (manager) note_silence(*manager, asker.now.liveness);
  if (manager && refuses(*manager, request.instance, asker.now.liveness)) {
    manager->find_life(*request.instance)->heard = asker.now.liveness;
    return superseded(request.actor_name, *manager);
  }
  if (begins(manager, request.instance)) {
    commit(InstanceBegan{std::string(request.manager_id), owned(request.instance)}, asker);
    manager = find_manager(request.manager_id);
  }
  touch(*manager, request.process, asker);
  const Actor* actor = find_actor(request.actor_name);
  if (!may_take(actor, *manager, asker.now.liveness)) return taken(*actor);

  const ReachableEndpoint reachable =
      reachable_endpoint(request.actor_endpoint, asker.address, options.connect_host);
  const bool unchanged = actor && actor->manager == manager && actor->endpoint == reachable.endpoint &&
                         actor->life->instance == request.instance;
  if (!unchanged) {
    commit(NameRegistered{std::string(request.actor_name), reachable.endpoint,
                          std::string(request.manager_id), owned(request.instance)},
           asker);
    actor = find_actor(request.actor_name);
    if (reachable.local_only) add_event(Event::Kind::local_only, actor->name, manager->id, actor->endpoint);
  }
  settle_loss(*manager, request.actor_name, asker);

  protocol::RegistrationOk ok;
  ok.actor_name = actor->name;
  ok.epoch = options.epoch;
  ok.actors = manager->held();
  if (reachable.replaced) ok.actor_endpoint = actor->endpoint;
  ok.local_only = reachable.local_only;
  return ok;
}

protocol::Reply Registry::State::answer(const protocol::UnregisterActor& request, const Asker& asker) {
  const Actor* actor = find_actor(request.actor_name);
  Manager* manager = request.manager_id ? find_manager(*request.manager_id)
                     : actor            ? actor->manager
                                        : nullptr;
  if (manager && refuses(*manager, request.instance, asker.now.liveness)) {
    return superseded(request.actor_name, *manager);
  }
  if (manager) settle_loss(*manager, request.actor_name, asker);
  if (actor && request.manager_id && actor->manager != manager) return taken(*actor);
  if (actor) commit(NameRemoved{std::string(request.actor_name), false}, asker);

  protocol::RegistrationOk ok;
  ok.actor_name = request.actor_name;
  ok.epoch = options.epoch;
  ok.actors = manager ? manager->held() : 0;
  return ok;
}

} // namespace registry_core
