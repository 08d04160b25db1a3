#include "clients/cpp/src/names_held.hpp"

#include "clients/cpp/src/batches.hpp"
#include "clients/cpp/src/request_texts.hpp"

namespace actors::registry {

namespace {

/// A refusal that says more about the registry's day than about the name.
bool may_pass(const std::string& code) {
  return code == "unavailable" || code == "limit" || code == "not_authorized";
}

/// The results in the reply; where the whole request was answered at once, that answer as the first name's.
Json results_of(const std::vector<ActorAddress>& actors, const Json& reply) {
  if (const auto found = reply.find("results"); found != reply.end()) return *found;
  // What was said to many names at once condemns none of them.
  const std::string code = actors.size() == 1 ? reply.value("code", "") : "unavailable";
  const Json answer = {{"actor_name", actors.at(0).actor_name},
                       {"ok", reply.value("message_type", "") == "RegistrationOk"},
                       {"reason", reply.value("reason", reply.value("error", "refused"))},
                       {"code", code}};
  return Json::array({answer});
}

} // namespace

NamesHeld::State NamesHeld::state_of(const Json& reply) {
  return {reply.value("epoch", ""), reply.value("actors", std::uint64_t{0})};
}

/// \param expected how many names the registry must count, unless it has lost some. That it counts fewer
/// while they are being registered again is nothing new: a long repair would never end.
void NamesHeld::see_state(const State& state, std::size_t expected) {
  const bool under_way = repair_ && refusal_.empty();
  const bool another = !epoch_.empty() && state.epoch != epoch_;
  epoch_ = state.epoch;
  if (another || (state.actors < expected && !under_way)) begin_repair();
}

void NamesHeld::begin_repair() {
  repair_ = true;
  repaired_ = 0;
  for (const auto& [name, endpoint] : endpoints_)
    to_repair_.insert(name);
}

void NamesHeld::registered(const std::string& name, const std::string& endpoint,
                           const Json& registration_ok) {
  const std::scoped_lock lock(mutex_);
  see_state(state_of(registration_ok), endpoints_.size()); // before the name is counted: it needs no repair
  endpoints_[name] = endpoint;
  to_repair_.erase(name);
}

void NamesHeld::registered_many(std::span<const ActorAddress> actors, const RegistrationResults& results) {
  const std::scoped_lock lock(mutex_);
  see_state({results.epoch, results.actors}, endpoints_.size());
  for (std::size_t i = 0; i < actors.size(); ++i) {
    if (!results.results[i].ok) continue;
    endpoints_[actors[i].actor_name] = actors[i].actor_endpoint;
    to_repair_.erase(actors[i].actor_name);
  }
}

void NamesHeld::forgotten() {
  const std::scoped_lock lock(mutex_);
  endpoints_.clear();
  to_repair_.clear();
  at_heartbeat_ = 0;
}

bool NamesHeld::drop(const std::string& name) {
  to_repair_.erase(name);
  if (endpoints_.erase(name) == 0) return false;
  // It may be one that came later: then too few are expected for once, which costs nothing.
  if (at_heartbeat_ > 0) --at_heartbeat_;
  return true;
}

void NamesHeld::given_up(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  drop(name);
}

bool NamesHeld::holds(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return endpoints_.contains(name);
}

void NamesHeld::heartbeat_sent() {
  const std::scoped_lock lock(mutex_);
  at_heartbeat_ = endpoints_.size();
}

std::vector<Notice> NamesHeld::heartbeat_acknowledged(const Json& ack) {
  const std::scoped_lock lock(mutex_);
  std::vector<Notice> notices;
  const State state = state_of(ack); // before anything is changed: it may throw
  const auto lost_names = ack.value("lost", std::vector<std::string>());
  const bool superseded = ack.value("superseded", false);
  if (superseded && !superseded_) notices.push_back(superseded_notice());
  superseded_ = superseded;
  // What the registry counts is the newer life's then, and taking its names back would be a fight.
  if (superseded) return notices;
  for (const std::string& lost : lost_names) {
    if (drop(lost)) notices.push_back(lost_notice(lost, "another manager has taken over '" + lost + "'"));
  }
  see_state(state, at_heartbeat_);
  return notices;
}

bool NamesHeld::needs_repair() {
  const std::scoped_lock lock(mutex_);
  return repair_ && !superseded_;
}

std::vector<ActorAddress> NamesHeld::next_to_repair(std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  Batch batch(most);
  std::vector<ActorAddress> actors;
  for (const std::string& name : to_repair_) {
    const std::string& endpoint = endpoints_.at(name);
    if (!batch.add(address_text(name, endpoint))) break;
    actors.push_back({name, endpoint});
  }
  return actors;
}

NamesHeld::Repaired NamesHeld::repaired(const std::vector<ActorAddress>& actors, const Json& reply) {
  const std::scoped_lock lock(mutex_);
  Repaired repaired;
  const std::size_t left = to_repair_.size();
  for (const Json& result : results_of(actors, reply)) {
    if (to_repair_.contains(result.value("actor_name", ""))) take_result(result, repaired);
  }
  repaired.go_on = to_repair_.size() < left && refusal_.empty() && !superseded_;
  return repaired;
}

void NamesHeld::take_result(const Json& result, Repaired& repaired) {
  const auto name = result.at("actor_name").get<std::string>();
  if (result.value("ok", false)) {
    to_repair_.erase(name);
    ++repaired_;
    refusal_.clear();
    return;
  }
  const std::string code = result.value("code", "");
  const std::string reason = result.value("reason", "refused");
  if (code == "superseded") { // nothing is lost yet: this life may become the current one again
    if (!std::exchange(superseded_, true)) repaired.notices.push_back(superseded_notice());
  } else if (may_pass(code)) {
    if (std::exchange(refusal_, reason) != reason)
      repaired.notices.push_back(
          trouble_notice("'" + name + "' can't be registered again for now: " + reason));
  } else { // for good: asking every two seconds would not change it
    drop(name);
    repaired.notices.push_back(lost_notice(name, "'" + name + "' can't be registered again: " + reason));
  }
}

std::size_t NamesHeld::end_repair() {
  const std::scoped_lock lock(mutex_);
  repair_ = false;
  refusal_.clear();
  return std::exchange(repaired_, 0);
}

} // namespace actors::registry
