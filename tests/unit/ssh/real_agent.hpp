#pragma once

#include "tests/unit/ssh/real_sshd.hpp"

#include <poll.h>
#include <unistd.h>

#include <string>

namespace test {

/// A real ssh-agent, its socket in the given folder; ended with its owner.
struct Agent {
  std::string socket;
  Background process;
  explicit Agent(const TempFolder& folder)
      : socket(folder / "agent"), process({"ssh-agent", "-D", "-a", socket}) {
    const auto deadline = in(std::chrono::seconds(10));
    while (::access(socket.c_str(), F_OK) != 0 && std::chrono::steady_clock::now() < deadline)
      ::poll(nullptr, 0, 10);
  }
  void add(const std::string& key) const { run({"env", "SSH_AUTH_SOCK=" + socket, "ssh-add", "-q", key}); }
};

} // namespace test
