#include "cli/listen_at.hpp"

#include "tests/unit/kept_port.hpp"

#include <doctest/doctest.h>

#include <string>

using cli::listen_at;

namespace {

bool takes_connections(std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool connected = ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(client);
  return connected;
}

} // namespace

TEST_CASE("a numeric endpoint is listened at before anybody accepts") {
  for (const std::string host : {"127.0.0.1", "localhost", "*", "0.0.0.0"}) {
    const test::KeptPort port;
    const auto descriptor = listen_at("tcp://" + host + ":" + std::to_string(port.number()));
    REQUIRE_MESSAGE(descriptor, host);
    CHECK(takes_connections(port.number()));
    ::close(*descriptor);
  }
}

TEST_CASE("an address that is taken is left to whoever binds it") {
  const test::KeptPort port;
  const auto first = listen_at(port.endpoint());
  REQUIRE(first);
  CHECK_FALSE(listen_at(port.endpoint()));
  ::close(*first);
}

TEST_CASE("what is no numeric address with a port is not listened at") {
  for (const std::string endpoint :
       {"ipc:///tmp/registry", "tcp://registry.example:5555", "tcp://lo:5555", "tcp://127.0.0.1:*",
        "tcp://127.0.0.1:0", "tcp://127.0.0.1:", "tcp://127.0.0.1", "tcp://:5555", "tcp://", "",
        "tcp://[::1:5555", "tcp://127.0.0.1:99999999999"})
    CHECK_FALSE_MESSAGE(listen_at(endpoint), endpoint);
}
