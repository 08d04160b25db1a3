#pragma once

#include <string>

namespace bench {

/// What somebody hostile does to a server on the loopback address.
enum class Attack {
  connections, ///< opens connections, as many as it can, and holds 500
  handshakes,  ///< the same with the first half of a handshake in each
  messages,    ///< sends lookups without reading the answers' pace: 1000 are always under way
  many_frames, ///< sends messages of 1000 frames
};

const char* described(Attack attack);

/// Goes on until TERM, which ends the process.
[[noreturn]] void run_attack(Attack attack, const std::string& endpoint, const std::string& request);

} // namespace bench
