#pragma once

#include "ssh/handles.hpp"
#include "ssh/host_keys.hpp"
#include "ssh/session.hpp"
#include "ssh/settings.hpp"
#include "ssh/stream.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ssh {

/// The transport below a session: key exchange done, host key not judged yet, nobody authenticated. libssh is
/// kept non-blocking; this class waits. One thread. Move-only. For the sources of ssh/ alone.
class Connection {
public:
  /// Exchanges keys over a dialed socket. \throws Error (connect, settings, timed_out).
  static Connection open(const Settings& settings, Stream stream, Deadline deadline);

  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  [[nodiscard]] HostKey host_key() const;
  [[nodiscard]] ssh_session get() const noexcept { return session_.get(); }
  [[nodiscard]] bool alive() const noexcept;
  /// What libssh or the server says of the last failure, fit for one line.
  [[nodiscard]] std::string failure() const;

  /// What the server said when it hung up, if it did say something.
  [[nodiscard]] std::optional<std::string> farewell() const;

  /// Calls until the result is not `again`, waiting for the socket in between. A socket that is closed
  /// meanwhile ends it with SSH_ERROR. \throws Error (timed_out: "no answer … in the STAGE") at the deadline.
  int drive(const std::function<int()>& call, int again, const char* stage, Deadline deadline) const;

private:
  Connection(SessionHandle session, std::string peer, std::shared_ptr<Tunnel> tunnel)
      : tunnel_(std::move(tunnel)), session_(std::move(session)), peer_(std::move(peer)) {}
  void exchange_keys(UniqueFd socket, Deadline deadline);
  std::shared_ptr<Tunnel> tunnel_; ///< null for TCP; outlives the session
  SessionHandle session_;
  std::string peer_; ///< host and port, for messages
};

/// A server's text made fit for one line of ours: no control characters, at most 200 bytes.
std::string one_line(std::string_view text);

} // namespace ssh
