#pragma once

#include "ssh/error.hpp"
#include "ssh/settings.hpp"
#include "ssh/stream.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <variant>

namespace ssh {

/// A connected socket whose peer has begun to say `SSH-`; the banner is still unread.
struct Dialed {
  Stream stream;
  std::string address; ///< numeric address and port, for messages
};

using DialResult = std::variant<Dialed, Error>;

/// One host to dial. The deadline bounds name, TCP and banner together.
struct DialRequest {
  std::string hostname;
  std::uint16_t port = 22;
  int address_family = 0;
  std::chrono::steady_clock::time_point deadline;
  /// Where set, the host is reached by this instead of by its name; asked anew for each try. It may not wait.
  /// \throws Error or std::system_error.
  std::function<Stream()> open_tunnel = {};
  std::string through = {}; ///< of a tunnel, for messages: `jump host gate`
};

/// Looks up, connects (every address, a later one while an earlier one hangs) and waits for the banner of all
/// hosts at once in one poll loop on the calling thread. `done(index, result)` is called on that thread once
/// a host, as soon as that host's result is known; it must not block. A host that is busy is tried up to five
/// times more, ever later, within its deadline. Returns when all are done. `cancelled`,
/// if given, is asked about four times a second: when it says true, what is left ends as
/// ErrorClass::timed_out "interrupted".
void dial_all(std::span<const DialRequest> requests, const std::function<void(std::size_t, DialResult)>& done,
              const std::function<bool()>& cancelled = {});

} // namespace ssh
