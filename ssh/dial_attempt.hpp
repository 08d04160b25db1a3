#pragma once

#include "ssh/error.hpp"
#include "ssh/name_lookup.hpp"
#include "ssh/stream.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ssh {

/// One address of a host: a TCP connection and the wait for `SSH-`. Never waits itself.
class DialAttempt {
public:
  /// Begins to connect. A failure shows in open() and text().
  DialAttempt(const Address& address, std::uint16_t port);

  /// Waits for `SSH-` in a tunnel.
  DialAttempt(Stream tunnel, std::string name);

  /// Goes on as far as it can: true when the server has begun to say `SSH-`.
  bool advance();

  [[nodiscard]] bool open() const noexcept { return static_cast<bool>(socket_); }
  [[nodiscard]] bool connected() const noexcept { return open() && connected_; }
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] short events() const noexcept;
  [[nodiscard]] ErrorClass error_class() const noexcept { return error_class_; }
  [[nodiscard]] Stream take_stream() noexcept { return {std::move(socket_), std::move(tunnel_)}; }
  /// Why the tunnel ended, if it did.
  [[nodiscard]] const std::optional<Error>& tunnel_failure() const noexcept { return tunnel_failure_; }
  /// `10.0.0.3 port 22`
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// What went wrong, or, of an open one, what it is that does not come.
  [[nodiscard]] std::string text() const;

private:
  bool finish_connecting();
  bool read_banner();
  bool more_or_closed(std::size_t seen);
  bool judge(std::string_view seen);
  void skip(std::size_t size);
  void wait_for_more_than(std::size_t size) const noexcept;
  void fail(ErrorClass error_class, std::string text);
  void fail_closed(const std::string& how);

  std::string name_;
  UniqueFd socket_;
  std::shared_ptr<Tunnel> tunnel_;
  std::optional<Error> tunnel_failure_;
  bool connected_ = false;
  ErrorClass error_class_ = ErrorClass::connect;
  std::string failure_;
  std::string greeting_; ///< the last line before the banner, for messages
  std::size_t skipped_ = 0;
};

} // namespace ssh
