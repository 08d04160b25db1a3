#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

/// A port of 127.0.0.1 that is nobody else's, as it stays bound. Who asks for it with SO_REUSEADDR may listen
/// there, as libzmq and sshd do; where nobody does, connections are refused.
class KeptPort {
public:
  KeptPort() {
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket_, raw, size) != 0 || ::getsockname(socket_, raw, &size) != 0)
      throw std::runtime_error("can't bind");
    number_ = ntohs(address.sin_port);
  }
  KeptPort(const KeptPort&) = delete;
  KeptPort& operator=(const KeptPort&) = delete;
  ~KeptPort() { ::close(socket_); }

  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(number_); }

private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t number_ = 0;
};

} // namespace test
