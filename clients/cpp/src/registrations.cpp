#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/client_state.hpp"
#include "clients/cpp/src/registration_results.hpp"
#include "clients/cpp/src/request_texts.hpp"

#include <algorithm>
#include <iterator>

namespace actors::registry {

namespace {

bool is_unknown(const RegistryError& error) {
  return error.code() == "unknown_type";
}

} // namespace

std::string RegistryClient::State::registration(const std::string& name, const std::string& endpoint) const {
  std::string text = R"({"message_type":"RegisterActor","manager_id":)";
  append_text(text, manager_id);
  text.append(R"(,"actor_name":)");
  append_text(text, name);
  text.append(R"(,"actor_endpoint":)");
  append_text(text, endpoint);
  append_life(text);
  return text;
}

std::string RegistryClient::State::registrations(const std::string& elements) const {
  std::string text = R"({"message_type":"RegisterActors","manager_id":)";
  append_text(text, manager_id);
  text.append(R"(,"actors":[)").append(elements).push_back(']');
  append_life(text);
  return text;
}

/// Which life of the manager this is, and where; the object's end.
void RegistryClient::State::append_life(std::string& text) const {
  text.append(R"(,"instance":)");
  append_text(text, instance);
  text.append(R"(,"process":)").append(request_text(process)).push_back('}');
}

void RegistryClient::State::register_one(const std::string& name, const std::string& endpoint,
                                         Clock::time_point deadline) {
  spoken = true;
  const Json ok = ask(registration(name, endpoint), "RegistrationOk", deadline, whole);
  reading([&] { names.registered(name, endpoint, ok); });
}

std::vector<RegistrationResult>
RegistryClient::State::register_many(const std::vector<ActorAddress>& actors) {
  const auto until = deadline();
  const Lock lock = lock_registrations(until);
  std::vector<RegistrationResult> results;
  results.reserve(actors.size());
  while (results.size() < actors.size()) {
    const auto left = std::span(actors).subspan(results.size());
    if (!batches) {
      results.push_back(register_alone(left.front(), until));
      continue;
    }
    Batch batch(most_names_registered);
    for (const ActorAddress& actor : left) {
      if (!batch.add(address_text(actor.actor_name, actor.actor_endpoint))) break;
    }
    try {
      auto registered = register_batch(left.first(batch.size()), batch.elements(), until);
      std::move(registered.begin(), registered.end(), std::back_inserter(results));
    } catch (const RegistryError& error) {
      if (!is_unknown(error)) throw;
      batches = false; // an older registry: a name at a time
    }
  }
  return results;
}

std::vector<RegistrationResult> RegistryClient::State::register_batch(std::span<const ActorAddress> actors,
                                                                      const std::string& elements,
                                                                      Clock::time_point deadline) {
  spoken = true;
  auto read = ask(registrations(elements), "RegistrationResults", deadline,
                  [&](const ReplyText& reply) { return read_registration_results(reply.text(), actors); });
  names.registered_many(actors, read);
  return std::move(read.results);
}

RegistrationResult RegistryClient::State::register_alone(const ActorAddress& actor,
                                                         Clock::time_point deadline) {
  try {
    register_one(actor.actor_name, actor.actor_endpoint, deadline);
    return {actor.actor_name, true, {actor.actor_endpoint, false}, {}, {}};
  } catch (const RegistrationFailedError& error) {
    return {actor.actor_name, false, {}, error.reason(), error.code()};
  }
}

std::string RegistryClient::State::repair_request(const std::vector<ActorAddress>& actors) const {
  if (!batches) return registration(actors[0].actor_name, actors[0].actor_endpoint);
  Batch batch(actors.size());
  for (const ActorAddress& actor : actors)
    batch.add(address_text(actor.actor_name, actor.actor_endpoint));
  return registrations(batch.elements());
}

/// Registers again what is to be, as many names at a time as a message holds. \returns whether to come back
/// for more.
bool RegistryClient::State::repair(const Heartbeats::Ask& ask) {
  while (names.needs_repair()) {
    Lock lock(registration_mutex, std::try_to_lock);
    if (!lock) return true;
    const auto actors = names.next_to_repair(batches ? most_names_repaired : 1);
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
