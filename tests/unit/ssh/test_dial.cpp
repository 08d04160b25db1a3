#include "ssh/dial.hpp"

#include "tests/unit/ssh/real_sshd.hpp"
#include "tests/unit/ssh/says.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <ctime>
#include <map>
#include <thread>

using ssh::Dialed;
using ssh::Error;
using ssh::ErrorClass;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::says;

namespace {

/// Accepts once and plays the pieces, a moment between them; then closes, or stays until the peer goes.
class Speaker {
public:
  Speaker(std::vector<std::string> pieces, bool closes)
      : thread_([this, pieces = std::move(pieces), closes] {
          const auto socket = listener_.accept();
          for (const auto& piece : pieces) {
            (void)!::send(socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
            std::this_thread::sleep_for(milliseconds(20)); // so that each piece is a segment of its own
          }
          char byte = 0;
          if (!closes) (void)!::recv(socket.get(), &byte, 1, 0);
        }) {}
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  ~Speaker() { thread_.join(); }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

private:
  test::Listener listener_;
  std::thread thread_;
};

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace

TEST_CASE("a server that says SSH- is dialed, its banner unread") {
  const Speaker server({"SSH-2.0-x\r\n"}, false);
  auto result = test::dial("127.0.0.1", server.port(), seconds(5));
  REQUIRE(std::holds_alternative<Dialed>(result));
  auto& dialed = std::get<Dialed>(result);
  CHECK(dialed.address == "127.0.0.1 port " + std::to_string(server.port()));
  char text[12] = {};
  CHECK(::recv(dialed.stream.socket.get(), text, 11, 0) == 11);
  CHECK(std::string(text) == "SSH-2.0-x\r\n");
}

TEST_CASE("lines before the banner, and a banner in pieces, are no trouble") {
  const Speaker server({"Welcome\r\nto ", "this\n", "SS", "H", "-2.0-x\r\n"}, false);
  auto result = test::dial("127.0.0.1", server.port(), seconds(5));
  REQUIRE(std::holds_alternative<Dialed>(result));
  char text[5] = {};
  CHECK(::recv(std::get<Dialed>(result).stream.socket.get(), text, 4, 0) == 4);
  CHECK(std::string(text) == "SSH-");
}

TEST_CASE("a port that nobody listens on refuses at once") {
  const test::KeptPort port;
  auto result = test::dial("127.0.0.1", port.number(), seconds(5));
  REQUIRE(std::holds_alternative<Error>(result));
  const auto& error = std::get<Error>(result);
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(says(error, "127.0.0.1 port " + std::to_string(port.number()) + ": connection refused"));
}

TEST_CASE("a server that closes before its banner is busy, and its words are told") {
  {
    const Speaker server({}, true);
    auto result = test::dial("127.0.0.1", server.port(), seconds(5));
    REQUIRE(std::holds_alternative<Error>(result));
    CHECK(std::get<Error>(result).error_class() == ErrorClass::busy);
  }
  for (const auto* words : {"Exceeded MaxStartups\r\n", "Exceeded MaxStartups"}) {
    const Speaker server({words}, true);
    const auto before = cpu_seconds();
    auto result = test::dial("127.0.0.1", server.port(), seconds(5));
    REQUIRE(std::holds_alternative<Error>(result));
    CHECK(std::get<Error>(result).error_class() == ErrorClass::busy);
    CHECK(cpu_seconds() - before < 1);
  }
}

TEST_CASE("a real sshd that is full is busy") {
  const test::Sshd sshd("MaxStartups 1:100:1\n");
  // The place of the dial that found it up may take a moment to be free again.
  const auto deadline = test::in(seconds(10));
  auto held = test::dial("127.0.0.1", sshd.port, seconds(10));
  while (std::holds_alternative<Error>(held) && std::chrono::steady_clock::now() < deadline)
    held = test::dial("127.0.0.1", sshd.port, seconds(10));
  auto result = test::dial("127.0.0.1", sshd.port, seconds(10));
  REQUIRE(std::holds_alternative<Error>(result));
  CHECK(std::get<Error>(result).error_class() == ErrorClass::busy);
  CHECK_FALSE(std::get<Error>(result).hint().empty());
}

TEST_CASE("a server that accepts and never speaks SSH is told apart from one that never answers") {
  const Speaker silent({}, false);
  const auto before = cpu_seconds();
  auto result = test::dial("127.0.0.1", silent.port(), milliseconds(600));
  REQUIRE(std::holds_alternative<Error>(result));
  CHECK(std::get<Error>(result).error_class() == ErrorClass::connect);
  CHECK(says(std::get<Error>(result), "accepts but never speaks SSH within 1 s"));

  const Speaker mail({"220 mail ready\r\n", "half a line"}, false);
  auto other = test::dial("127.0.0.1", mail.port(), milliseconds(600));
  REQUIRE(std::holds_alternative<Error>(other));
  CHECK(says(std::get<Error>(other), "says \"220 mail ready\" but never speaks SSH"));
  CHECK(cpu_seconds() - before < 0.5); // it waits, it does not spin
}

TEST_CASE("a name without an address is a matter of its own") {
  auto result = test::dial("no-such-host.invalid", 22, seconds(10));
  REQUIRE(std::holds_alternative<Error>(result));
  CHECK(std::get<Error>(result).error_class() == ErrorClass::resolve);
  CHECK(says(std::get<Error>(result), "no-such-host.invalid"));
}

TEST_CASE("no host delays another, and each is told once") {
  const Speaker good({"SSH-2.0-x\r\n"}, false), silent({}, false), closing({}, true);
  const auto deadline = test::in(milliseconds(1500));
  std::vector<ssh::DialRequest> requests;
  for (const auto port : {silent.port(), good.port(), closing.port()})
    requests.push_back({"127.0.0.1", port, AF_UNSPEC, deadline});
  requests.push_back({"localhost", good.port(), AF_INET6, deadline});
  requests.push_back({"no-such-host.invalid", 22, AF_UNSPEC, deadline});
  std::map<std::size_t, int> told;
  const auto began = std::chrono::steady_clock::now();
  ssh::dial_all(requests, [&](std::size_t index, ssh::DialResult result) {
    ++told[index];
    if (index != 1) return;
    CHECK(std::holds_alternative<Dialed>(result));
    CHECK(std::chrono::steady_clock::now() - began < milliseconds(800));
  });
  CHECK(told == std::map<std::size_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}});
  ssh::dial_all({}, [](std::size_t, const ssh::DialResult&) { CHECK(false); });
}

TEST_CASE("what is left is given up when it is cancelled") {
  const Speaker silent({}, false);
  const ssh::DialRequest request{"127.0.0.1", silent.port(), AF_UNSPEC, test::in(seconds(20))};
  const auto began = std::chrono::steady_clock::now();
  ssh::dial_all(
      std::span(&request, 1),
      [](std::size_t, ssh::DialResult result) {
        REQUIRE(std::holds_alternative<Error>(result));
        CHECK(std::get<Error>(result).error_class() == ErrorClass::timed_out);
        CHECK(says(std::get<Error>(result), "interrupted"));
      },
      [&] { return std::chrono::steady_clock::now() - began > milliseconds(300); });
  CHECK(std::chrono::steady_clock::now() - began < seconds(3));
}
