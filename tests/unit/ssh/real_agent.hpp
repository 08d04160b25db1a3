#pragma once

#include "tests/unit/ssh/real_sshd.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace test {

/// A real ssh-agent, its socket in the given folder; ended with its owner.
struct Agent {
  std::string socket;
  Background process;
  explicit Agent(const TempFolder& folder)
      : socket(folder / "agent"), process({"ssh-agent", "-D", "-a", socket}) {
    const auto deadline = in(std::chrono::seconds(20));
    while (!listens()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("ssh-agent does not come up");
      ::poll(nullptr, 0, 10);
    }
  }
  void add(const std::string& key) const { run({"env", "SSH_AUTH_SOCK=" + socket, "ssh-add", "-q", key}); }

private:
  /// The socket's file is there before the agent listens on it.
  [[nodiscard]] bool listens() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    const ssh::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
};

} // namespace test
