#include "ssh/jumps.hpp"

#include "tests/unit/ssh/real_sshd.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using ssh::Error;
using ssh::ErrorClass;
using ssh::Settings;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

ssh::DialResult dial(const Settings& settings, milliseconds time) {
  const auto request = ssh::Jumps::make()->request(settings, test::in(time));
  std::optional<ssh::DialResult> result;
  ssh::dial_all(std::span(&request, 1), [&](std::size_t, ssh::DialResult each) { result = std::move(each); });
  return std::move(*result);
}

std::string echo(const Settings& settings, const std::string& word) {
  auto dialed = dial(settings, seconds(20));
  if (const auto* error = std::get_if<Error>(&dialed)) throw *error;
  auto session =
      ssh::Session::open(settings, std::move(std::get<ssh::Dialed>(dialed).stream), test::in(seconds(20)));
  return session.run({{"echo", word}, {}}, test::in(seconds(20))).output;
}

Error failure_of_dialing(const Settings& settings, milliseconds time = seconds(20)) {
  auto dialed = dial(settings, time);
  REQUIRE(std::holds_alternative<Error>(dialed));
  return std::get<Error>(dialed);
}

Settings behind(const test::Sshd& host, std::vector<Settings> jumps) {
  auto settings = host.settings();
  settings.jumps = std::move(jumps);
  return settings;
}

/// A jump host's settings under a name of its own, as messages have it.
Settings named(const test::Sshd& host, const std::string& name) {
  auto settings = host.settings();
  settings.alias = name;
  return settings;
}

std::string connect_to(const test::Sshd& host) {
  return "/usr/bin/python3 -c 'import socket,sys,os,threading\n"
         "s=socket.create_connection((\"%h\",%p))\n"
         "def up():\n"
         "  while (b:=os.read(0,65536)): s.sendall(b)\n"
         "threading.Thread(target=up,daemon=True).start()\n"
         "while (b:=s.recv(65536)): os.write(1,b)\n' " +
         std::to_string(host.port);
}

/// Whether it is so within a time.
template<typename Condition>
bool becomes(Condition condition, milliseconds within) {
  const auto deadline = test::in(within);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

} // namespace

TEST_CASE("a host is reached through one jump host, and through two") {
  const test::Sshd one, two, host;
  CHECK(echo(behind(host, {named(one, "one")}), "near") == "near\n");
  CHECK(echo(behind(host, {named(one, "one"), named(two, "two")}), "far") == "far\n");
}

TEST_CASE("hosts behind one jump host share its session, and much goes through it") {
  const test::Sshd jump, host;
  const auto settings = behind(host, {named(jump, "jump")});
  const auto jumps = ssh::Jumps::make();
  const std::vector<ssh::DialRequest> requests(12, jumps->request(settings, test::in(seconds(30))));
  std::vector<ssh::Stream> streams;
  ssh::dial_all(requests, [&](std::size_t, ssh::DialResult each) {
    REQUIRE(std::holds_alternative<ssh::Dialed>(each));
    streams.push_back(std::move(std::get<ssh::Dialed>(each).stream));
  });
  for (auto& stream : streams) {
    auto session = ssh::Session::open(settings, std::move(stream), test::in(seconds(20)));
    const auto result = session.run({{"sh", "-c", "head -c 500000 /dev/zero; cat"}, std::string(300000, 'x')},
                                    test::in(seconds(20)));
    CHECK(result.output.size() == 800000);
  }
}

TEST_CASE("a failure at a jump host names it and has its own class") {
  const test::Sshd one, two, host;
  auto unknown = named(two, "two");
  unknown.user_known_hosts = {};
  auto error = failure_of_dialing(behind(host, {named(one, "one"), unknown}));
  CHECK(error.error_class() == ErrorClass::host_key);
  CHECK(std::string(error.what()).find("jump host two: host key unknown (SHA256:") == 0);
  CHECK(error.hop() == "two");
  CHECK(error.hint() == "actorsctl hosts trust");

  auto locked = named(one, "one");
  locked.identity_files = {"/nonexistent/key"};
  error = failure_of_dialing(behind(host, {locked, named(two, "two")}));
  CHECK(error.error_class() == ErrorClass::authentication);
  CHECK(std::string(error.what()).find("jump host one: no key to show") == 0);

  const test::Sshd shut("AllowTcpForwarding no\n");
  error = failure_of_dialing(behind(host, {named(shut, "shut")}));
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(std::string(error.what()).find("jump host shut can't reach 127.0.0.1 port ") == 0);
}

TEST_CASE("a port that is closed behind a jump host is told as the jump host tells it") {
  const test::Sshd jump, host;
  const test::KeptPort closed;
  auto settings = behind(host, {named(jump, "jump")});
  settings.port = closed.number();
  const auto error = failure_of_dialing(settings);
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(std::string(error.what()).find("Connection refused") != std::string::npos);
}

TEST_CASE("a mute jump host ends within the time and is named, and so is a mute host behind one") {
  const test::Sshd jump, host;
  const test::Listener mute;
  auto dead = named(jump, "dead");
  dead.port = mute.port();
  const auto began = std::chrono::steady_clock::now();
  auto error = failure_of_dialing(behind(host, {dead}), milliseconds(1500));
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(std::string(error.what()).find("jump host dead: 127.0.0.1 port ") == 0);
  CHECK(std::chrono::steady_clock::now() - began < seconds(10));

  auto settings = behind(host, {named(jump, "jump")});
  settings.port = mute.port();
  error = failure_of_dialing(settings, seconds(5));
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(std::string(error.what()).find("through jump host jump within 5 s") != std::string::npos);
}

TEST_CASE("a jump host that goes away in the middle ends the session behind it") {
  const test::Sshd jump, host;
  const auto settings = behind(host, {named(jump, "jump")});
  auto dialed = dial(settings, seconds(20));
  REQUIRE(std::holds_alternative<ssh::Dialed>(dialed));
  auto session =
      ssh::Session::open(settings, std::move(std::get<ssh::Dialed>(dialed).stream), test::in(seconds(20)));
  jump.cut_connections();
  try {
    (void)session.run({{"sleep", "60"}, {}}, test::in(seconds(30)));
    FAIL("the session lives on");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::lost);
    CHECK(std::string(error.what()).find("jump host jump") != std::string::npos);
  }
}

TEST_CASE("a ProxyCommand carries a session, also towards a jump host") {
  const test::Sshd jump, host;
  auto settings = host.settings();
  settings.proxy_command = connect_to(host);
  CHECK(echo(settings, "by command") == "by command\n");
  auto gate = named(jump, "gate");
  gate.proxy_command = connect_to(jump);
  CHECK(echo(behind(host, {gate}), "both") == "both\n");
}

TEST_CASE("a ProxyCommand that fails says why, and one that hangs is ended") {
  const test::Sshd host;
  auto settings = host.settings();
  settings.proxy_command = "sh -c 'echo no way to %h >&2; exit 3'";
  auto error = failure_of_dialing(settings);
  CHECK(error.error_class() == ErrorClass::connect);
  CHECK(std::string(error.what()).find("ended with 3: no way to 127.0.0.1") != std::string::npos);

  const test::TempFolder folder;
  settings.proxy_command = "sh -c 'echo $$ > " + (folder / "pid") + "; exec sleep 60'";
  error = failure_of_dialing(settings, seconds(2));
  CHECK(std::string(error.what()).find("through ProxyCommand within 2 s") != std::string::npos);
  CHECK(::kill(std::stoi(test::read_file(folder / "pid")), 0) != 0);

  settings.proxy_command = "nc %Z";
  CHECK(failure_of_dialing(settings).error_class() == ErrorClass::settings);
  settings.proxy_command = "nc %r";
  settings.user = "a;id";
  CHECK(failure_of_dialing(settings).error_class() == ErrorClass::settings);
}

TEST_CASE("a host that closes before its banner is tried again until it takes us") {
  const test::Listener full;
  std::thread server([&] {
    for (int i = 0; i < 3; ++i)
      (void)full.accept();
    const auto last = full.accept();
    (void)::send(last.get(), "SSH-2.0-x\r\n", 11, MSG_NOSIGNAL);
    char byte = 0;
    (void)::recv(last.get(), &byte, 1, 0);
  });
  {
    auto result = test::dial("127.0.0.1", full.port(), seconds(20));
    CHECK(std::holds_alternative<ssh::Dialed>(result));
  }
  server.join();
}

TEST_CASE("a host that stays full is busy after six tries, with ever longer delays between them") {
  const test::Listener full;
  std::thread server([&] {
    for (int i = 0; i < 6; ++i)
      (void)full.accept();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto result = test::dial("127.0.0.1", full.port(), seconds(30));
  server.join();
  REQUIRE(std::holds_alternative<Error>(result));
  CHECK(std::get<Error>(result).error_class() == ErrorClass::busy);
  CHECK(std::string(std::get<Error>(result).what()).find("(tried 6 times)") != std::string::npos);
  // 100 ms, doubled each time, less a quarter at most; five like the first would take 625 ms.
  CHECK(std::chrono::steady_clock::now() - begun >= milliseconds(3100 * 3 / 4));
}

TEST_CASE("at most eight handshakes towards one jump host are under way at once, whoever goes through it") {
  const test::Listener server;
  const auto jumps = ssh::Jumps::make();
  std::vector<ssh::DialRequest> requests;
  for (int i = 0; i < 12; ++i) {
    Settings jump, host;
    jump.alias = jump.hostname = host.hostname = "127.0.0.1";
    jump.port = server.port();
    jump.user = "user" + std::to_string(i); // so each has a session of its own
    host.jumps = {jump};
    requests.push_back(jumps->request(host, test::in(seconds(60))));
  }
  std::vector<ssh::UniqueFd> under_way(9);
  std::atomic<std::size_t> accepted = 0;
  std::thread accepting([&] {
    for (auto& one : under_way) {
      one = server.accept();
      ++accepted;
    }
  });
  std::atomic<bool> enough = false;
  std::thread dialing([&] {
    ssh::dial_all(
        requests, [](std::size_t, const ssh::DialResult&) {}, [&] { return enough.load(); });
  });
  CHECK(becomes([&] { return accepted == 8; }, seconds(30)));
  CHECK_FALSE(becomes([&] { return accepted > 8; }, milliseconds(300)));
  // One is over: it said that it speaks SSH, so it is not tried again.
  const std::string_view banner = "SSH-2.0-gone\r\n";
  CHECK(::send(under_way[0].get(), banner.data(), banner.size(), MSG_NOSIGNAL) > 0);
  CHECK(::shutdown(under_way[0].get(), SHUT_RDWR) == 0);
  CHECK(becomes([&] { return accepted == 9; }, seconds(30)));
  enough = true;
  dialing.join();
  accepting.join();
}
