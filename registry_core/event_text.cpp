#include "registry_core/event_text.hpp"

namespace registry_core {

LogLevel level_of(const Event& event) noexcept {
  using Kind = Event::Kind;
  switch (event.kind) {
  case Kind::registered:
  case Kind::endpoint_changed:
  case Kind::unregistered: return LogLevel::debug;
  case Kind::online:
  case Kind::offline:
  case Kind::forgotten: return LogLevel::info;
  case Kind::taken_over:
  case Kind::superseded:
  case Kind::local_only: return LogLevel::warning;
  }
  return LogLevel::info;
}

std::string text_of(const Event& event) {
  using Kind = Event::Kind;
  const std::string manager = "manager '" + event.manager_id + "'";
  const std::string actor = "actor '" + event.actor_name + "'";
  switch (event.kind) {
  case Kind::registered: return actor + " registered by " + manager + " at " + event.detail;
  case Kind::endpoint_changed: return actor + " of " + manager + " moved to " + event.detail;
  case Kind::unregistered: return actor + " of " + manager + " unregistered";
  case Kind::taken_over:
    return actor + " taken over by " + manager + " from '" + event.detail + "', which is offline";
  case Kind::online: return manager + " is online";
  case Kind::offline: return manager + " is offline: no heartbeat within the timeout";
  case Kind::superseded: return manager + ": instance '" + event.detail + "' is its current one now";
  case Kind::forgotten:
    return (event.actor_name.empty() ? manager : actor + " of " + manager) + " forgotten: offline for long";
  case Kind::local_only:
    return actor + " of " + manager + " is stored as " + event.detail +
           ", which other machines can't reach; set registry_connect, or register an address";
  }
  return {};
}

} // namespace registry_core
