#pragma once

#include "ssh/dial.hpp"
#include "ssh/settings.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ssh {

class Jump;
class HandshakeLimit;

/// The sessions to the jump hosts of one fan-out. Hosts with the same way and deadline share a session; it
/// lives on a thread of its own, for as long as a stream through it does. Towards one jump host at most 8
/// handshakes are under way at once. Any thread.
class Jumps : public std::enable_shared_from_this<Jumps> {
public:
  static std::shared_ptr<Jumps> make();
  ~Jumps();

  /// How to dial a host: by TCP, by its ProxyCommand, or through its jump hosts. A jump host gets nine tenths
  /// of the time of what is behind it, so that an error names the one that is to blame.
  DialRequest request(const Settings& settings, std::chrono::steady_clock::time_point deadline);

private:
  Jumps();
  Stream open(const Settings& settings, std::chrono::steady_clock::time_point deadline);
  std::shared_ptr<Jump> last_jump(const Settings& settings, std::chrono::steady_clock::time_point deadline);

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Jump>> jumps_; ///< their streams own them, and they own us
  std::shared_ptr<HandshakeLimit> limit_;
};

} // namespace ssh
