#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/client_state.hpp"

namespace actors::registry {

namespace {

bool is_unknown(const RegistryError& error) {
  return error.code() == "unknown_type";
}

Json address_json(const std::string& name, const std::string& endpoint) {
  return {{"actor_name", name}, {"actor_endpoint", endpoint}};
}

} // namespace

Json RegistryClient::State::registration(const Json& name, const Json& endpoint) const {
  return {{"message_type", "RegisterActor"}, {"manager_id", manager_id}, {"actor_name", name},
          {"actor_endpoint", endpoint},      {"instance", instance},     {"process", process}};
}

Json RegistryClient::State::registrations(const Json& actors) const {
  return {{"message_type", "RegisterActors"},
          {"manager_id", manager_id},
          {"actors", actors},
          {"instance", instance},
          {"process", process}};
}

void RegistryClient::State::register_one(const std::string& name, const std::string& endpoint,
                                         Clock::time_point deadline) {
  spoken = true;
  const Json ok = call(registration(name, endpoint), "RegistrationOk", deadline);
  reading([&] { names.registered(name, endpoint, ok); });
}

std::vector<RegistrationResult>
RegistryClient::State::register_many(const std::vector<ActorAddress>& actors) {
  const auto until = deadline();
  const Lock lock = lock_registrations(until);
  std::vector<RegistrationResult> results;
  while (results.size() < actors.size()) {
    Batch batch(batches ? most_names_registered : 1);
    for (std::size_t i = results.size(); i < actors.size(); ++i) {
      if (!batch.add(address_json(actors[i].actor_name, actors[i].actor_endpoint))) break;
    }
    const Json addresses = std::move(batch).take();
    if (!batches) {
      results.push_back(register_alone(addresses[0], until));
      continue;
    }
    try {
      for (auto& result : register_batch(addresses, until))
        results.push_back(std::move(result));
    } catch (const RegistryError& error) {
      if (!is_unknown(error)) throw;
      batches = false; // an older registry: a name at a time
    }
  }
  return results;
}

std::vector<RegistrationResult> RegistryClient::State::register_batch(const Json& actors,
                                                                      Clock::time_point deadline) {
  spoken = true;
  const Json reply = call(registrations(actors), "RegistrationResults", deadline);
  return reading([&] {
    const Json& results = reply.at("results");
    if (results.size() != actors.size())
      throw RegistryError("the registry answered for other names than were registered");
    std::vector<RegistrationResult> read;
    for (std::size_t i = 0; i < results.size(); ++i)
      read.push_back(registration_result(actors[i], results[i]));
    names.registered_many(actors, reply);
    return read;
  });
}

RegistrationResult RegistryClient::State::register_alone(const Json& actor, Clock::time_point deadline) {
  const std::string name = actor.at("actor_name");
  const std::string endpoint = actor.at("actor_endpoint");
  try {
    register_one(name, endpoint, deadline);
    return {name, true, {endpoint, false}, {}, {}};
  } catch (const RegistrationFailedError& error) {
    return {name, false, {}, error.reason(), error.code()};
  }
}

Json RegistryClient::State::repair_request(const Json& actors) const {
  if (batches) return registrations(actors);
  return registration(actors[0].at("actor_name"), actors[0].at("actor_endpoint"));
}

/// Registers again what is to be, as many names at a time as a message holds. \returns whether to come back
/// for more.
bool RegistryClient::State::repair(const std::function<std::optional<Json>(Json)>& ask) {
  while (names.needs_repair()) {
    Lock lock(registration_mutex, std::try_to_lock);
    if (!lock) return true;
    const Json actors = names.next_to_repair(batches ? most_names_repaired : 1);
    if (actors.empty()) break;
    const auto reply = ask(repair_request(actors));
    if (!reply) return true;
    if (batches && reply->value("code", "") == "unknown_type") { // an older registry: a name at a time
      batches = false;
      continue;
    }
    const auto repaired = names.repaired(actors, *reply);
    lock.unlock(); // a notice may lead to anything
    for (const Notice& notice : repaired.notices)
      notices.say(notice);
    if (!repaired.go_on) return false;
  }
  if (const std::size_t count = names.end_repair()) notices.say(registered_again_notice(count));
  return false;
}

} // namespace actors::registry
