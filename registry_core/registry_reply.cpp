#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/registry_state.hpp"

namespace registry_core {

namespace {

/// What is told of a name that was stored: views into the state.
protocol::RegistrationResult registered(const Actor& actor, std::string_view sent_endpoint,
                                        std::string_view asker, std::string_view connect_host) {
  const auto reachable = reachable_endpoint(sent_endpoint, asker, connect_host);
  protocol::RegistrationResult result;
  result.actor_name = actor.name();
  result.ok = true;
  if (reachable.replaced) result.actor_endpoint = actor.endpoint();
  result.local_only = reachable.local_only;
  return result;
}

std::optional<std::string_view> text(const std::optional<std::string>& from) {
  return from ? std::optional<std::string_view>(*from) : std::nullopt;
}

protocol::Process view(const StoredProcess& process) {
  return {text(process.host),     process.pid,          text(process.unit), text(process.invocation_id),
          text(process.language), text(process.version)};
}

} // namespace

protocol::LookupResult Registry::State::look_up(std::string_view name, Nanos now) const {
  protocol::LookupResult result;
  result.actor_name = name;
  if (const Actor* actor = find_actor(name)) {
    const Manager& manager = actor->manager();
    result.endpoint = actor->endpoint();
    result.online = is_online(*actor, now);
    result.suspect = result.online && manager.presence == Presence::suspect;
    result.manager_id = manager.id;
  }
  return result;
}

protocol::Reply Registry::State::reply(const protocol::Refusal& request, const Plan&, const Asker&) {
  return protocol::reply_to(request);
}

protocol::Reply Registry::State::reply(const protocol::LookupActor& request, const Plan&,
                                       const Asker& asker) {
  return look_up(request.actor_name, asker.now.liveness);
}

protocol::Reply Registry::State::reply(const protocol::LookupActors& request, const Plan&,
                                       const Asker& asker) {
  protocol::LookupResults results;
  results.results.reserve(request.actor_names.size());
  for (const auto name : request.actor_names)
    results.results.push_back(look_up(name, asker.now.liveness));
  return results;
}

protocol::Reply Registry::State::reply(const protocol::RegisterActor& request, const Plan& plan,
                                       const Asker& asker) {
  const auto& outcome = plan.outcomes.front();
  if (!outcome.reason.empty())
    return protocol::RegistrationFailed{request.actor_name, outcome.reason, outcome.code};
  const auto result = registered(*find_actor(request.actor_name), request.actor_endpoint, asker.address,
                                 options.connect_host);
  protocol::RegistrationOk ok;
  ok.actor_name = result.actor_name;
  ok.epoch = options.epoch;
  ok.actors = find_manager(request.manager_id)->held();
  ok.actor_endpoint = result.actor_endpoint;
  ok.local_only = result.local_only;
  return ok;
}

protocol::Reply Registry::State::reply(const protocol::RegisterActors& request, const Plan& plan,
                                       const Asker& asker) {
  protocol::RegistrationResults results;
  results.epoch = options.epoch;
  if (const Manager* manager = find_manager(request.manager_id)) results.actors = manager->held();
  results.results.reserve(request.actors.size());
  for (std::size_t i = 0; i < request.actors.size(); ++i) {
    const auto& entry = request.actors[i];
    const auto& outcome = plan.outcomes[i];
    results.results.push_back(
        outcome.reason.empty()
            ? registered(*find_actor(entry.actor_name), entry.actor_endpoint, asker.address,
                         options.connect_host)
            : protocol::RegistrationResult{entry.actor_name, false, outcome.reason, outcome.code, {}, false});
  }
  return results;
}

protocol::Reply Registry::State::reply(const protocol::UnregisterActor& request, const Plan& plan,
                                       const Asker&) {
  const auto& outcome = plan.outcomes.front();
  if (!outcome.reason.empty())
    return protocol::RegistrationFailed{request.actor_name, outcome.reason, outcome.code};
  protocol::RegistrationOk ok;
  ok.actor_name = request.actor_name;
  ok.epoch = options.epoch;
  const Manager* const manager = plan.manager_id.empty() ? nullptr : find_manager(plan.manager_id);
  ok.actors = manager ? manager->held() : 0;
  return ok;
}

protocol::Reply Registry::State::reply(const protocol::Heartbeat& request, const Plan&, const Asker&) {
  const Manager& manager = *find_manager(request.manager_id);
  protocol::HeartbeatAck ack;
  ack.epoch = options.epoch;
  ack.actors = manager.held();
  for (auto name = manager.lost.begin(); name != manager.lost.end() && ack.lost.size() < protocol::most_lost;
       ++name) {
    ack.lost.push_back(*name);
  }
  return ack;
}

protocol::Reply Registry::State::reply(const protocol::UnregisterManager&, const Plan& plan, const Asker&) {
  return protocol::ManagerUnregistered{plan.ended};
}

protocol::Reply Registry::State::reply(const protocol::ExpectOffline& request, const Plan&, const Asker&) {
  return protocol::Expected{request.manager_id, request.seconds};
}

protocol::Reply Registry::State::reply(const protocol::ListActors& request, const Plan&, const Asker& asker) {
  protocol::ActorList list;
  list.epoch = options.epoch;
  list.run = options.run;
  list.seq = seq;
  fill(list, request, asker);
  return list;
}

protocol::Reply Registry::State::reply(const protocol::ListManagers& request, const Plan&,
                                       const Asker& asker) {
  protocol::ManagerList list;
  list.run = options.run;
  list.seq = seq;
  fill(list, request, asker);
  return list;
}

protocol::ManagerRow Registry::State::row_of(const Manager& manager, const Now& now) const {
  protocol::ManagerRow row;
  row.manager_id = manager.id;
  row.online = is_online(manager, now.liveness);
  row.suspect = row.online && manager.presence == Presence::suspect;
  if (manager.heard_monotonic != Life::never)
    row.age_s = static_cast<double>(now.monotonic - manager.heard_monotonic) / nanos_per_second;
  row.actors = manager.held();
  if (manager.current->instance) row.instance = *manager.current->instance;
  if (manager.current->process) row.process = view(*manager.current->process);
  row.address = manager.address;
  if (is_expected(manager, now)) {
    const double left = static_cast<double>(manager.expectation->until - now.monotonic) / nanos_per_second;
    row.expected = protocol::Expectation{left, text(manager.expectation->reason)};
  }
  return row;
}

/// The part that the state knows; the server adds what it alone knows.
protocol::Reply Registry::State::reply(const protocol::RegistryInfo&, const Plan&, const Asker&) {
  protocol::RegistryInfoReply info;
  info.epoch = options.epoch;
  info.run = options.run;
  info.counts = {{"actors", actors.size()},
                 {"actors_online", online_actors},
                 {"managers", managers.size()},
                 {"managers_online", online_managers},
                 {"managers_suspect", suspect_managers}};
  return info;
}

} // namespace registry_core
