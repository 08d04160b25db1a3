#include "registry_core/event_text.hpp"

namespace registry_core {

namespace {

using Kind = Event::Kind;

std::string expectation(const Event& event) {
  if (!event.expected) return {};
  return event.reason.empty() ? ", as expected" : ", as expected (" + event.reason + ")";
}

std::string text_of(const Event& event) {
  const std::string manager = "manager '" + event.manager_id + "'";
  const std::string actor = "actor '" + event.actor_name + "'";
  switch (event.kind) {
  case Kind::registered: return actor + " registered by " + manager + " at " + event.endpoint;
  case Kind::endpoint_changed: return actor + " of " + manager + " moved to " + event.endpoint;
  case Kind::unregistered: return actor + " of " + manager + " unregistered";
  case Kind::taken_over:
    return actor + " taken over by " + manager + " from '" + event.from_manager + "', which is offline";
  case Kind::online: return manager + " is online";
  case Kind::offline: return manager + " is offline: no heartbeat within the timeout" + expectation(event);
  case Kind::goodbye: return manager + " said goodbye" + expectation(event);
  case Kind::superseded: return manager + ": instance '" + event.instance + "' is its current one now";
  case Kind::forgotten: return (event.actor_name.empty() ? manager : actor + " of " + manager) + " forgotten";
  case Kind::suspect: return manager + " is silent, as too many others are: a suspect, and held to be online";
  case Kind::local_only:
    return actor + " of " + manager + " is stored as " + event.endpoint +
           ", which other machines can't reach; set registry_connect, or register an address";
  case Kind::tick: break;
  }
  return {};
}

} // namespace

std::string_view word_of(Kind kind) noexcept {
  switch (kind) {
  case Kind::registered: return "registered";
  case Kind::endpoint_changed: return "endpoint_changed";
  case Kind::unregistered: return "unregistered";
  case Kind::taken_over: return "taken_over";
  case Kind::online: return "online";
  case Kind::offline: return "offline";
  case Kind::goodbye: return "goodbye";
  case Kind::superseded: return "superseded";
  case Kind::forgotten: return "forgotten";
  case Kind::suspect: return "suspect";
  case Kind::tick: return "tick";
  case Kind::local_only: return "local_only";
  }
  return {};
}

LogLevel level_of(Kind kind) noexcept {
  switch (kind) {
  case Kind::registered:
  case Kind::endpoint_changed:
  case Kind::unregistered:
  case Kind::tick: return LogLevel::debug;
  case Kind::online:
  case Kind::offline:
  case Kind::goodbye:
  case Kind::forgotten: return LogLevel::info;
  case Kind::taken_over:
  case Kind::superseded:
  case Kind::suspect:
  case Kind::local_only: return LogLevel::warning;
  }
  return LogLevel::info;
}

LogEntry log_entry_of(const Event& event) {
  return {level_of(event.kind), text_of(event), std::string(word_of(event.kind)), event.manager_id,
          event.actor_name};
}

} // namespace registry_core
