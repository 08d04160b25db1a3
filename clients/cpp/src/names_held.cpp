#include "clients/cpp/src/names_held.hpp"

#include <algorithm>

namespace actors::registry {

/// \param expected how many names the registry must count, unless it has lost some.
void NamesHeld::see_state(const Json& reply, std::size_t expected) {
  const std::string epoch = reply.value("epoch", "");
  if (!epoch_.empty() && epoch != epoch_) begin_repair();
  epoch_ = epoch;
  if (reply.value("actors", std::uint64_t{0}) < expected) begin_repair();
}

void NamesHeld::begin_repair() {
  repair_ = true;
  for (const auto& [name, endpoint] : endpoints_)
    to_repair_.insert(name);
}

void NamesHeld::registered(const std::string& name, const std::string& endpoint,
                           const Json& registration_ok) {
  const std::scoped_lock lock(mutex_);
  see_state(registration_ok, endpoints_.size()); // before the name is counted: it needs no repair
  endpoints_[name] = endpoint;
  to_repair_.erase(name);
}

void NamesHeld::given_up(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  endpoints_.erase(name);
  to_repair_.erase(name);
}

bool NamesHeld::holds(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return endpoints_.contains(name);
}

void NamesHeld::heartbeat_sent() {
  const std::scoped_lock lock(mutex_);
  at_heartbeat_ = endpoints_.size();
}

std::vector<std::string> NamesHeld::heartbeat_acknowledged(const Json& ack) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> lines;
  const bool superseded = ack.value("superseded", false);
  if (superseded && !superseded_)
    lines.emplace_back("superseded: a newer instance of this manager is running");
  superseded_ = superseded;
  // What the registry counts is the newer life's then, and taking its names back would be a fight.
  if (superseded) return lines;
  for (const Json& name : ack.value("lost", Json::array())) {
    const auto lost = name.get<std::string>();
    if (endpoints_.erase(lost) == 0) continue;
    to_repair_.erase(lost);
    lines.push_back("lost: another manager has taken over '" + lost + "'");
  }
  see_state(ack, std::min(at_heartbeat_, endpoints_.size()));
  return lines;
}

bool NamesHeld::needs_repair() {
  const std::scoped_lock lock(mutex_);
  return repair_ && !superseded_;
}

std::optional<std::pair<std::string, std::string>> NamesHeld::next_to_repair() const {
  const std::scoped_lock lock(mutex_);
  if (to_repair_.empty()) return std::nullopt;
  return *endpoints_.find(*to_repair_.begin());
}

std::string NamesHeld::repaired(const std::string& name, const Json& reply) {
  const std::scoped_lock lock(mutex_);
  if (reply.value("code", "") == "superseded") {
    superseded_ = true; // nothing is lost yet: this life may become the current one again
    return "superseded: a newer instance of this manager is running";
  }
  to_repair_.erase(name);
  if (reply.value("message_type", "") == "RegistrationOk") {
    ++repaired_;
    return {};
  }
  // Refused for good: asking every two seconds would not change it.
  endpoints_.erase(name);
  return "lost: '" + name + "' can't be registered again: " + reply.value("reason", reply.value("error", ""));
}

std::size_t NamesHeld::end_repair() {
  const std::scoped_lock lock(mutex_);
  repair_ = false;
  return std::exchange(repaired_, 0);
}

} // namespace actors::registry
