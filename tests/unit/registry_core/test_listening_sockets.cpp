#include "registry_core/listening_sockets.hpp"

#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using registry_core::ListeningSockets;

namespace {

bool open(int descriptor) {
  return ::fcntl(descriptor, F_GETFD) != -1;
}

/// A socket that listens on loopback, at a port that was free.
struct Listener {
  int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string endpoint;

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor, any, size) == 0);
    REQUIRE(::listen(descriptor, 16) == 0);
    REQUIRE(::getsockname(descriptor, any, &size) == 0);
    endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~Listener() { ::close(descriptor); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
};

} // namespace

TEST_CASE("a socket is taken once, by the endpoint that is where it listens") {
  ListeningSockets sockets;
  sockets.add("tcp://127.0.0.1:5555", ::dup(STDERR_FILENO));
  sockets.add("ipc:///run/registry", ::dup(STDERR_FILENO));
  CHECK_FALSE(sockets.take("tcp://127.0.0.1:5556"));
  CHECK_FALSE(sockets.take("tcp://127.0.0.1:555"));
  CHECK_FALSE(sockets.take("tcp://*:5555"));
  const auto taken = sockets.take("tcp://localhost:5555");
  REQUIRE(taken);
  CHECK_FALSE(sockets.take("tcp://127.0.0.1:5555"));
  CHECK(sockets.left() == std::vector<std::string>{"ipc:///run/registry"});
  ::close(*taken);
}

TEST_CASE("a wildcard endpoint takes a socket of either family") {
  for (const char* address : {"tcp://0.0.0.0:5555", "tcp://[::]:5555"}) {
    ListeningSockets sockets;
    sockets.add(address, ::dup(STDERR_FILENO));
    const auto taken = sockets.take("tcp://*:5555");
    REQUIRE(taken);
    ::close(*taken);
  }
}

TEST_CASE("what nobody took is closed") {
  const int descriptor = ::dup(STDERR_FILENO);
  {
    ListeningSockets sockets;
    sockets.add("tcp://127.0.0.1:5555", descriptor);
    ListeningSockets moved = std::move(sockets);
    CHECK(open(descriptor));
  }
  CHECK_FALSE(open(descriptor));
}

TEST_CASE("who asks while no registry runs is answered by the one that takes the socket over") {
  const Listener listener;
  zmq::context_t context;
  zmq::socket_t peer(context, zmq::socket_type::req);
  peer.set(zmq::sockopt::linger, 0);
  peer.set(zmq::sockopt::rcvtimeo, 10'000);
  peer.connect(listener.endpoint);
  peer.send(zmq::str_buffer(R"({"message_type":"RegistryInfo"})"), zmq::send_flags::none);

  ListeningSockets sockets;
  sockets.add(listener.endpoint, ::dup(listener.descriptor));
  registry_core::ServerOptions options;
  options.endpoints = {listener.endpoint}; // could not be bound anew
  options.listening = &sockets;
  RunningServer server(std::move(options));
  CHECK(sockets.left().empty());
  zmq::message_t reply;
  CHECK(peer.recv(reply));
}
