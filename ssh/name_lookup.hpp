#pragma once

#include "ssh/unique_fd.hpp"

#include <sys/socket.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ssh {

/// A socket address of any family.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// `10.0.0.3` or `2001:db8::1`; the port is left out.
std::string numeric(const Address& address);

/// What a name came to.
struct LookupResult {
  std::vector<Address> addresses;
  std::string error; ///< why there is none, as getaddrinfo says it
};

/// A wakeup for a poll loop that other threads may still hold when the loop is long gone.
class Wakeup {
public:
  /// \throws std::system_error.
  Wakeup();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void signal() const noexcept;
  void clear() const noexcept;

private:
  UniqueFd fd_;
};

/// One name's way to its addresses, on a thread of its own since getaddrinfo(3) can't be given a deadline.
/// The thread shares the state and nothing else, so a lookup may be dropped at any time: a thread that comes
/// too late writes its answer where nobody looks, and frees it.
class NameLookup {
public:
  /// Begins. An address in numbers is done at once, without a thread. \throws std::system_error.
  NameLookup(const std::string& name, std::uint16_t port, int family, std::shared_ptr<Wakeup> wakeup);

  /// True once; the result is then moved to `result`.
  bool take(LookupResult& result);

private:
  struct Shared {
    std::mutex mutex;
    bool done = false;
    LookupResult result;
  };
  std::shared_ptr<Shared> shared_;
};

} // namespace ssh
