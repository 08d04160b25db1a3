#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/registry_state.hpp"

#include <algorithm>

namespace registry_core {

using protocol::ErrorCode;

namespace {

std::optional<std::string> owned(const std::optional<std::string_view>& text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

StoredProcess owned(const protocol::Process& process) {
  return {owned(process.host),     owned(process.unit),    owned(process.invocation_id),
          owned(process.language), owned(process.version), process.pid};
}

Plan::Outcome superseded(std::string_view manager_id) {
  std::string reason = "A newer instance of manager '";
  reason.append(manager_id).append("' has taken over");
  return {std::move(reason), ErrorCode::superseded};
}

std::string too_many(const char* what, const char* key, std::uint64_t most) {
  return std::string("the registry holds as many ") + what + " as it may (limits." + key + ": " +
         std::to_string(most) + ")";
}

Plan waiting(Plan plan) {
  plan.waits = true;
  return plan;
}

Plan answered(protocol::Reply reply) {
  Plan plan;
  plan.answer = std::move(reply);
  return plan;
}

} // namespace

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

/// What is to be stored when a life, or a manager without instances, speaks for the first time.
ManagerStored Registry::State::after_beginning(const Manager* manager, std::string_view id,
                                               const std::optional<std::string_view>& instance,
                                               const std::optional<protocol::Process>& process,
                                               const Asker& asker) const {
  ManagerStored change;
  change.manager_id = id;
  change.instance = owned(instance);
  if (manager) {
    for (const Life* life : manager->superseded)
      change.superseded.push_back(*life->instance);
    std::erase(change.superseded, *change.instance);
    if (manager->current->instance) change.superseded.push_back(*manager->current->instance);
    if (change.superseded.size() > remembered_lives) change.superseded.erase(change.superseded.begin());
  }
  if (process) change.process = owned(*process);
  change.address = asker.address;
  change.online = true;
  return change;
}

/// A manager speaks: it is heard, now if it is known, else when the plan is applied.
Registry::State::Speaking Registry::State::plan_speaking(Plan& plan, std::string_view manager_id,
                                                         const std::optional<std::string_view>& instance,
                                                         const std::optional<protocol::Process>& process,
                                                         const Asker& asker) {
  if (claimed_managers.contains(manager_id)) return Speaking::waits;
  Manager* const manager = find_manager(manager_id);
  if (!manager && managers.size() + new_managers >= options.limits.managers) return Speaking::too_many;
  if (manager) note_silence(*manager, asker.now);
  if (manager && refuses(*manager, instance, asker.now.liveness)) {
    Life& life = *manager->find_life(*instance);
    life.heard = std::max(life.heard, asker.now.liveness);
    return Speaking::superseded;
  }
  plan.manager_id = manager_id;
  if (begins(manager, instance)) {
    plan.changes.emplace_back(after_beginning(manager, manager_id, instance, process, asker));
    plan.effect = Plan::Effect::speaks;
  } else {
    touch(*manager, process, asker);
  }
  return Speaking::counts;
}

Plan::Outcome Registry::State::taken(const Actor& actor) const {
  std::string reason = "Name already registered by manager '";
  reason.append(actor.manager().id).append("'");
  return {std::move(reason), ErrorCode::taken};
}

bool Registry::State::may_take(const Actor* actor, const Manager* manager, Nanos now) const {
  if (!actor || &actor->manager() == manager) return true;
  return options.takeover == Takeover::offline && !owner_is_heard(*actor, now);
}

bool Registry::State::manager_has_lost(const Manager* manager, std::string_view actor_name) const {
  return manager && !manager->lost.empty() && manager->lost.contains(actor_name);
}

/// Losses may be made without end, by taking names from one that never asks for them again. Where there are
/// too many, those to come are not told of: who wants his name back is answered `taken`.
void Registry::State::plan_loss(Plan& plan, const Actor& actor) const {
  constexpr std::uint64_t names_for_each_loss = 10;
  if (losses > options.limits.names / names_for_each_loss) return;
  plan.changes.emplace_back(LossStored{std::string(actor.manager().id), std::string(actor.name())});
}

Plan::Outcome Registry::State::room_for_name(const Plan& plan, const Manager* manager, bool is_new) const {
  if (is_new && actors.size() + new_names + plan.new_names >= options.limits.names)
    return {too_many("names", "names", options.limits.names), ErrorCode::limit};
  const std::uint64_t has = (manager ? manager->names + manager->new_names : 0) + plan.new_names;
  if (has >= options.limits.actors_per_manager) {
    return {"the manager holds as many names as it may (limits.actors_per_manager: " +
                std::to_string(options.limits.actors_per_manager) + ")",
            ErrorCode::limit};
  }
  return {};
}

/// Names as long as they may be, with endpoints as long as they may be, would take several times the memory
/// of those that are met, and more than the service may have.
Plan::Outcome Registry::State::room_for_text(const Actor* before, std::string_view actor_name,
                                             std::string_view endpoint) const {
  constexpr std::uint64_t bytes_a_name = 256;
  const std::uint64_t size = actor_name.size() + endpoint.size();
  const std::uint64_t size_before = before ? before->text_size() : 0;
  const std::uint64_t most = std::max(options.limits.names, std::uint64_t{100}) * bytes_a_name;
  if (size <= size_before || text_bytes - size_before + size <= most) return {};
  return {"names and endpoints are as long together as they may be (256 bytes for each of limits.names: " +
              std::to_string(options.limits.names) + ")",
          ErrorCode::limit};
}

bool Registry::State::plan_registration(Plan& plan, std::string_view manager_id, std::string_view actor_name,
                                        std::string_view endpoint,
                                        const std::optional<std::string_view>& instance, const Asker& asker) {
  if (claimed_names.contains(actor_name)) return false;
  const Manager* const manager = find_manager(manager_id);
  const Actor* const actor = find_actor(actor_name);
  Plan::Outcome& outcome = plan.outcomes.emplace_back();
  const bool is_new_to_manager = !actor || &actor->manager() != manager;
  if (!may_take(actor, manager, asker.now.liveness)) {
    outcome = taken(*actor);
    return true;
  }
  auto reachable = reachable_endpoint(endpoint, asker.address, options.connect_host);
  outcome = room_for_text(actor, actor_name, reachable.endpoint);
  if (is_new_to_manager && outcome.reason.empty()) outcome = room_for_name(plan, manager, actor == nullptr);
  if (!outcome.reason.empty()) return true;
  if (is_new_to_manager) ++plan.new_names;
  const bool unchanged =
      !is_new_to_manager && actor->endpoint() == reachable.endpoint && actor->life->instance == instance;
  if (!unchanged) {
    if (reachable.local_only) plan.local_only.emplace_back(actor_name);
    plan.changes.emplace_back(NameStored{std::string(actor_name), std::move(reachable.endpoint),
                                         std::string(manager_id), owned(instance)});
    if (actor && is_new_to_manager) plan_loss(plan, *actor);
  }
  if (manager_has_lost(manager, actor_name)) {
    plan.changes.emplace_back(LossSettled{std::string(manager_id), std::string(actor_name)});
  }
  return true;
}

Plan Registry::State::decide(const protocol::Refusal& request, const Asker&) {
  return answered(protocol::reply_to(request));
}

Plan Registry::State::decide(const protocol::RegisterActor& request, const Asker& asker) {
  Plan plan;
  switch (plan_speaking(plan, request.manager_id, request.instance, request.process, asker)) {
  case Speaking::waits: return waiting({});
  case Speaking::superseded: {
    auto failed = superseded(request.manager_id);
    return answered(protocol::RegistrationFailed{request.actor_name, std::move(failed.reason), failed.code});
  }
  case Speaking::too_many:
    return answered(protocol::RegistrationFailed{
        request.actor_name, too_many("managers", "managers", options.limits.managers), ErrorCode::limit});
  case Speaking::counts: break;
  }
  if (!plan_registration(plan, request.manager_id, request.actor_name, request.actor_endpoint,
                         request.instance, asker))
    return waiting({});
  return plan;
}

Plan Registry::State::decide(const protocol::RegisterActors& request, const Asker& asker) {
  Plan plan;
  const auto speaking = plan_speaking(plan, request.manager_id, request.instance, request.process, asker);
  if (speaking == Speaking::waits) return waiting({});
  for (const auto& entry : request.actors) {
    if (speaking == Speaking::superseded) {
      plan.outcomes.push_back(superseded(request.manager_id));
    } else if (speaking == Speaking::too_many) {
      plan.outcomes.push_back({too_many("managers", "managers", options.limits.managers), ErrorCode::limit});
    } else if (!entry.fault.empty()) {
      plan.outcomes.push_back({entry.fault, entry.fault_code});
    } else if (!plan_registration(plan, request.manager_id, entry.actor_name, entry.actor_endpoint,
                                  request.instance, asker)) {
      return waiting({});
    }
  }
  return plan;
}

/// \param by_its_manager else an operator did it, and its manager is to be told.
void Registry::State::plan_end_of(Plan& plan, const Actor& actor, bool by_its_manager) {
  plan.changes.emplace_back(NameRemoved{std::string(actor.name()), false});
  // A peer without instances reads no list of losses, and may be the one that asks.
  if (!by_its_manager && actor.life->instance) plan_loss(plan, actor);
}

Plan Registry::State::decide(const protocol::UnregisterActor& request, const Asker& asker) {
  if (claimed_names.contains(request.actor_name)) return waiting({});
  const Actor* const actor = find_actor(request.actor_name);
  const Manager* const manager = request.manager_id ? find_manager(*request.manager_id)
                                 : actor            ? &actor->manager()
                                                    : nullptr;
  if (request.manager_id && claimed_managers.contains(*request.manager_id)) return waiting({});
  if (actor && claimed_managers.contains(actor->manager().id)) return waiting({});
  if (manager && refuses(*manager, request.instance, asker.now.liveness)) {
    auto failed = superseded(manager->id);
    return answered(protocol::RegistrationFailed{request.actor_name, std::move(failed.reason), failed.code});
  }
  Plan plan;
  plan.outcomes.emplace_back();
  if (manager) plan.manager_id = manager->id;
  if (request.manager_id && manager_has_lost(manager, request.actor_name))
    plan.changes.emplace_back(LossSettled{plan.manager_id, std::string(request.actor_name)});
  if (actor && request.manager_id && &actor->manager() != manager) {
    plan.outcomes.front() = taken(*actor);
  } else if (actor) {
    plan_end_of(plan, *actor, request.manager_id.has_value());
  }
  return plan;
}

Plan Registry::State::decide(const protocol::Heartbeat& request, const Asker& asker) {
  Plan plan;
  switch (plan_speaking(plan, request.manager_id, request.instance, request.process, asker)) {
  case Speaking::waits: return waiting({});
  case Speaking::superseded: {
    protocol::HeartbeatAck ack;
    ack.epoch = options.epoch;
    ack.superseded = true;
    ack.actors = find_manager(request.manager_id)->held();
    return answered(std::move(ack));
  }
  case Speaking::too_many:
    return answered(
        protocol::Error{ErrorCode::limit, too_many("managers", "managers", options.limits.managers)});
  case Speaking::counts: break;
  }
  return plan;
}

/// A superseded life's goodbye says nothing of the current one.
Plan Registry::State::decide(const protocol::UnregisterManager& request, const Asker&) {
  if (claimed_managers.contains(request.manager_id)) return waiting({});
  const Manager* const manager = find_manager(request.manager_id);
  const bool speaks_for_it = manager && (!request.instance || manager->current->instance == request.instance);
  if (!speaks_for_it) return answered(protocol::ManagerUnregistered{0});
  Plan plan;
  plan.manager_id = request.manager_id;
  if (request.forget) {
    plan.ended = manager->names;
    plan.changes.emplace_back(ManagerForgotten{plan.manager_id});
  } else {
    plan.ended = manager->held();
    plan.effect = Plan::Effect::says_goodbye;
  }
  return plan;
}

Plan Registry::State::decide(const protocol::ExpectOffline& request, const Asker& asker) {
  if (claimed_managers.contains(request.manager_id)) return waiting({});
  const Manager* const manager = find_manager(request.manager_id);
  if (!manager) return answered(protocol::Expected{request.manager_id, 0});
  Plan plan;
  if (request.seconds == 0 && !manager->expectation) return plan;
  ManagerStored change = stored_form(*manager, asker.now);
  change.expected.reset();
  if (request.seconds > 0) change.expected = StoredExpectation{request.seconds, owned(request.reason)};
  plan.changes.emplace_back(std::move(change));
  return plan;
}

Plan Registry::State::decide(const protocol::LookupActor&, const Asker&) {
  return {};
}
Plan Registry::State::decide(const protocol::LookupActors&, const Asker&) {
  return {};
}
Plan Registry::State::decide(const protocol::ListActors&, const Asker&) {
  return {};
}
Plan Registry::State::decide(const protocol::ListManagers&, const Asker&) {
  return {};
}
Plan Registry::State::decide(const protocol::RegistryInfo&, const Asker&) {
  return {};
}

/// What a change is about, for others to wait for.
template<typename Name, typename Managers>
void for_each_claim(const Plan& plan, Name name, Managers manager) {
  for (const Change& change : plan.changes) {
    if (const auto* stored = std::get_if<NameStored>(&change)) name(stored->actor_name);
    if (const auto* removed = std::get_if<NameRemoved>(&change)) name(removed->actor_name);
    if (const auto* speaks = std::get_if<ManagerStored>(&change)) manager(speaks->manager_id);
    if (const auto* forgotten = std::get_if<ManagerForgotten>(&change)) manager(forgotten->manager_id);
  }
}

void Registry::State::claim(const Plan& plan) {
  for_each_claim(
      plan, [this](const std::string& name) { claimed_names.add(name); },
      [this](const std::string& id) { claimed_managers.add(id); });
  new_names += plan.new_names;
  Manager* const manager = plan.manager_id.empty() ? nullptr : find_manager(plan.manager_id);
  if (manager) manager->new_names += plan.new_names;
  if (!manager && plan.effect == Plan::Effect::speaks) ++new_managers;
}

void Registry::State::release(const Plan& plan) {
  for_each_claim(
      plan, [this](const std::string& name) { claimed_names.remove(name); },
      [this](const std::string& id) { claimed_managers.remove(id); });
  new_names -= plan.new_names;
  Manager* const manager = plan.manager_id.empty() ? nullptr : find_manager(plan.manager_id);
  if (manager) manager->new_names -= plan.new_names;
  if (!manager && plan.effect == Plan::Effect::speaks) --new_managers;
}

} // namespace registry_core
