#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// What peers of a registry ask in its tests.
namespace requests {

inline const nlohmann::json lookup = {{"message_type", "LookupActor"}, {"actor_name", "A"}};

inline nlohmann::json registration(const std::string& name = "A") {
  return {{"message_type", "RegisterActor"},
          {"manager_id", "M"},
          {"actor_name", name},
          {"actor_endpoint", "tcp://h:1"}};
}

inline nlohmann::json heartbeat(const std::string& manager = "M") {
  return {{"message_type", "Heartbeat"}, {"manager_id", manager}};
}

} // namespace requests
