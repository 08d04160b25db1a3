#pragma once

#include <cstddef>
#include <cstdint>

namespace registry_core {

/// How much of everything (`limits` of the configuration).
struct Limits {
  std::size_t message_bytes = 64UL * 1024; ///< of all frames of a request together; at most 1 MiB
  std::uint64_t names = 2'000'000;
  std::uint64_t managers = 200'000;
  std::uint64_t actors_per_manager = 100'000;
  std::size_t peer_queue = 1000; ///< replies that a peer has not read, events that a listener has not read
  std::size_t push_connections = 256; ///< towards peers of the actor endpoint
  std::size_t connections = SIZE_MAX; ///< from peers; never more than the limit of open files less 100
  std::size_t peer_connections =
      64; ///< from an address; this machine's own processes share one and are exempt
  std::uint64_t peer_messages_s =
      200'000; ///< from an address in a second, about; what is beyond is dropped. The same.
};

} // namespace registry_core
