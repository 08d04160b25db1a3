#include "tests/bench/attacks.hpp"

#include <cstdint>
#include <deque>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zmq.hpp>

namespace bench {

namespace {

constexpr std::size_t held = 500;

/// Below 0 where there is none to be had.
int open_connection(const std::string& endpoint) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  if (::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return connection;
  ::close(connection);
  return -1;
}

/// \param greeting what each says. A close at once (RST), so that no port is left waiting.
[[noreturn]] void flood(const std::string& endpoint, const std::string& greeting) {
  std::deque<int> connections;
  for (;;) {
    const int one = open_connection(endpoint);
    if (one >= 0) {
      const linger at_once{1, 0};
      ::setsockopt(one, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      (void)::send(one, greeting.data(), greeting.size(), MSG_NOSIGNAL);
      connections.push_back(one);
    }
    if (connections.size() <= held) continue;
    ::close(connections.front());
    connections.pop_front();
  }
}

[[noreturn]] void send_messages(const std::string& endpoint, const std::string& request) {
  constexpr int under_way = 1000;
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  socket.connect(endpoint);
  const auto send = [&] { socket.send(zmq::buffer(request)); };
  for (int i = 0; i < under_way; ++i)
    send();
  for (zmq::message_t reply;;) {
    if (socket.recv(reply)) send();
  }
}

[[noreturn]] void send_many_frames(const std::string& endpoint) {
  constexpr int frames = 1000;
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  socket.connect(endpoint);
  for (zmq::message_t reply;;) {
    for (int i = 1; i < frames; ++i)
      socket.send(zmq::str_buffer("x"), zmq::send_flags::sndmore);
    socket.send(zmq::str_buffer("x"));
    while (socket.recv(reply, zmq::recv_flags::dontwait)) {
    }
  }
}

} // namespace

const char* described(Attack attack) {
  switch (attack) {
  case Attack::connections: return "connections";
  case Attack::handshakes: return "half handshakes";
  case Attack::messages: return "messages, 1000 under way";
  case Attack::many_frames: return "messages of 1000 frames";
  }
  return "";
}

void run_attack(Attack attack, const std::string& endpoint, const std::string& request) {
  constexpr std::size_t half = 33;
  const std::string greeting =
      (std::string("\xFF\0\0\0\0\0\0\0\1\x7F\3\0NULL", 16) + std::string(half, '\0')).substr(0, half);
  switch (attack) {
  case Attack::connections: flood(endpoint, "");
  case Attack::handshakes: flood(endpoint, greeting);
  case Attack::messages: send_messages(endpoint, request);
  case Attack::many_frames: break;
  }
  send_many_frames(endpoint);
}

} // namespace bench
