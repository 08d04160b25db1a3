#pragma once

#include <cstdint>
#include <string>

namespace registry_core {

/// What happened, in words that listeners and the log use (docs/protocol.md, "Events").
struct Event {
  enum class Kind : std::uint8_t {
    registered,
    endpoint_changed,
    unregistered,
    taken_over,
    online,
    offline,
    goodbye,
    superseded,
    forgotten,
    suspect,
    tick,
    local_only, ///< for the log alone: an endpoint was stored that other machines can't reach
  };
  Kind kind = Kind::registered;
  std::uint64_t seq = 0;    ///< within the run, from 1, without gaps; 0 of local_only
  std::string actor_name;   ///< empty where it is about a manager, or a tick
  std::string manager_id;   ///< empty for a tick
  std::string endpoint;     ///< of a name
  std::string from_manager; ///< of taken_over: who had it
  std::string instance;     ///< of superseded: the new one
  bool expected = false;    ///< of offline and goodbye
  std::string reason;       ///< of an expected offline or goodbye; may be empty
};

} // namespace registry_core
