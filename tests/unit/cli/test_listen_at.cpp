#include "cli/listen_at.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

using cli::listen_at;

namespace {

/// A port of 127.0.0.1 that nobody has at the moment.
std::string free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(probe);
  return std::to_string(ntohs(address.sin_port));
}

bool takes_connections(const std::string& port) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  const bool connected = ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(client);
  return connected;
}

} // namespace

TEST_CASE("a numeric endpoint is listened at before anybody accepts") {
  for (const std::string host : {"127.0.0.1", "localhost", "*", "0.0.0.0"}) {
    const std::string port = free_port();
    const auto descriptor = listen_at("tcp://" + host + ":" + port);
    REQUIRE_MESSAGE(descriptor, host);
    CHECK(takes_connections(port));
    ::close(*descriptor);
  }
}

TEST_CASE("an address that is taken is left to whoever binds it") {
  const std::string endpoint = "tcp://127.0.0.1:" + free_port();
  const auto first = listen_at(endpoint);
  REQUIRE(first);
  CHECK_FALSE(listen_at(endpoint));
  ::close(*first);
}

TEST_CASE("what is no numeric address with a port is not listened at") {
  for (const std::string endpoint :
       {"ipc:///tmp/registry", "tcp://registry.example:5555", "tcp://lo:5555", "tcp://127.0.0.1:*",
        "tcp://127.0.0.1:0", "tcp://127.0.0.1:", "tcp://127.0.0.1", "tcp://:5555", "tcp://", "",
        "tcp://[::1:5555", "tcp://127.0.0.1:99999999999"})
    CHECK_FALSE_MESSAGE(listen_at(endpoint), endpoint);
}
