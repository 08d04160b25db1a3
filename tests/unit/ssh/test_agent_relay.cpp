#include "ssh/agent_relay.hpp"

#include "ssh/known_hosts.hpp"
#include "tests/unit/ssh/real_agent.hpp"
#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <optional>
#include <thread>

using ssh::ErrorClass;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string number(std::size_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::string answer(const std::vector<std::string>& blobs) {
  auto text = "\x0c" + number(blobs.size());
  for (const auto& blob : blobs)
    text += number(blob.size()) + blob + number(1) + "c";
  return text;
}

/// Plays an agent with one key; `asked` is called when it is asked for its keys.
class FakeAgent {
public:
  FakeAgent(const std::string& path, std::function<void()> asked)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 1) == 0);
    thread_ = std::thread([this, asked = std::move(asked)] { serve(asked); });
  }
  FakeAgent(const FakeAgent&) = delete;
  FakeAgent& operator=(const FakeAgent&) = delete;
  ~FakeAgent() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

private:
  void serve(const std::function<void()>& asked) const {
    const ssh::UniqueFd socket(::accept(listener_.get(), nullptr, nullptr));
    char request[5];
    if (::recv(socket.get(), request, sizeof request, MSG_WAITALL) != sizeof request) return;
    asked();
    const auto keys = answer({number(11) + "ssh-ed25519" + number(32) + std::string(32, 'k')});
    const auto message = number(keys.size()) + keys;
    (void)!::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL);
    (void)!::recv(socket.get(), request, 1, 0);
  }
  ssh::UniqueFd listener_;
  std::thread thread_;
};

std::optional<ssh::Error> failure_within(const ssh::Settings& settings, ssh::UniqueFd socket,
                                         milliseconds time) {
  try {
    (void)ssh::Session::open(settings, std::move(socket), test::in(time));
  } catch (const ssh::Error& error) {
    return error;
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("the list of identities is sorted and filtered") {
  const auto a = ssh::known_hosts::encode_key("aaa"), b = ssh::known_hosts::encode_key("bbb");
  const auto all = answer({"aaa", "bbb", "ccc"});
  CHECK(ssh::edit_identities(all, {}) == all);
  CHECK(ssh::edit_identities(all, {{b}, {}, false}) == answer({"bbb", "aaa", "ccc"}));
  CHECK(ssh::edit_identities(all, {{b, a}, {}, true}) == answer({"bbb", "aaa"}));
  CHECK(ssh::edit_identities(all, {{b, a}, {b}, true}) == answer({"aaa"}));
  CHECK(ssh::edit_identities(all, {{}, {}, true}) == answer({}));
  // What is malformed or something else is left as it is.
  CHECK(ssh::edit_identities("\x05", {{}, {}, true}) == "\x05");
  const auto cut = all.substr(0, all.size() - 1);
  CHECK(ssh::edit_identities(cut, {{}, {}, true}) == cut);
}

TEST_CASE("a certificate in a file is shown where the agent has its key, and that key signs for it") {
  const auto base64 = [](const char* blob) { return ssh::known_hosts::encode_key(blob); };
  ssh::AgentRelay::Choice choice;
  choice.certificates = {{base64("of a"), base64("aaa")}, {base64("of z"), base64("zzz")}};
  CHECK(ssh::edit_identities(answer({"aaa", "bbb"}), choice) == answer({"aaa", "bbb", "of a"}));
  CHECK(ssh::edit_identities(answer({"of a", "aaa"}), choice) == answer({"of a", "aaa"}));
  choice.first = {base64("of a")};
  choice.only_first = true;
  CHECK(ssh::edit_identities(answer({"aaa", "bbb"}), choice) == answer({"of a"}));

  const auto request = [](const std::string& blob) {
    return "\x0d" + number(blob.size()) + blob + number(4) + "data" + number(2);
  };
  CHECK(ssh::edit_request(request("of a"), choice) == request("aaa"));
  CHECK(ssh::edit_request(request("bbb"), choice) == request("bbb"));
  CHECK(ssh::edit_request("\x0b", choice) == "\x0b");
  const auto cut = request("of a").substr(0, 7);
  CHECK(ssh::edit_request(cut, choice) == cut);
}

TEST_CASE("the agent's keys are tried after the configured ones") {
  const test::Sshd sshd;
  const test::Agent agent(sshd.folder);
  agent.add(sshd.user_key);
  auto settings = sshd.settings();
  settings.identity_agent = agent.socket;
  settings.identity_files = {sshd.folder / "absent"};
  CHECK_FALSE(failure_within(settings, sshd.dial(), seconds(10)));
  settings.identities_only = true;
  const auto error = failure_within(settings, sshd.dial(), seconds(10));
  REQUIRE(error);
  CHECK(error->error_class() == ErrorClass::authentication);
}

TEST_CASE("a key that needs a passphrase is used from the agent, before the agent's other keys") {
  const test::Sshd sshd("MaxAuthTries 3\n");
  const test::Agent agent(sshd.folder);
  for (int i = 0; i < 7; ++i) {
    const auto foreign = sshd.folder / ("foreign" + std::to_string(i));
    test::make_key(foreign);
    agent.add(foreign);
  }
  agent.add(sshd.user_key);
  // The file on the disk is locked from here on; the agent holds it open.
  test::run({"ssh-keygen", "-q", "-p", "-N", "secret words", "-f", sshd.user_key});
  auto settings = sshd.settings();
  settings.identity_agent = agent.socket;
  for (const bool only : {false, true}) {
    settings.identities_only = only;
    CHECK_FALSE(failure_within(settings, sshd.dial(), seconds(10)));
  }
  // Without the configured key the server has enough before its turn comes.
  settings.identities_only = false;
  settings.identity_files.clear();
  const auto error = failure_within(settings, sshd.dial(), seconds(10));
  REQUIRE(error);
  CHECK(error->error_class() == ErrorClass::authentication);
  CAPTURE(std::string(error->what()));
  CHECK(std::string(error->what()).find("Too many authentication failures") != std::string::npos);
}

TEST_CASE("an agent that does not answer ends at the deadline, and one that is gone is said") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  settings.identity_files.clear();
  {
    const test::Agent agent(sshd.folder);
    settings.identity_agent = agent.socket;
    agent.process.signal(SIGSTOP);
    const auto began = std::chrono::steady_clock::now();
    const auto error = failure_within(settings, sshd.dial(), seconds(4));
    agent.process.signal(SIGCONT);
    REQUIRE(error);
    CHECK(error->error_class() == ErrorClass::timed_out);
    CHECK(std::string(error->what()).find("agent") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - began < seconds(30));
  }
  const auto gone = failure_within(settings, sshd.dial(), seconds(5));
  REQUIRE(gone);
  CHECK(std::string(gone->what()).find("no agent answers at") != std::string::npos);
}

TEST_CASE("a server that falls silent in the authentication ends at the deadline") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  settings.identity_files.clear();
  settings.identity_agent = sshd.folder / "agent";
  const FakeAgent agent(settings.identity_agent, [&] { sshd.signal_connections(SIGSTOP); });
  const auto began = std::chrono::steady_clock::now();
  const auto error = failure_within(settings, sshd.dial(), seconds(4));
  sshd.signal_connections(SIGCONT);
  REQUIRE(error);
  CHECK(error->error_class() == ErrorClass::timed_out);
  CHECK(std::string(error->what()).find("in the authentication") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began < seconds(30));
}

TEST_CASE("a public key as the configured one chooses among the agent's keys") {
  const test::Sshd sshd;
  const test::Agent agent(sshd.folder);
  agent.add(sshd.user_key);
  auto settings = sshd.settings();
  settings.identity_agent = agent.socket;
  settings.identities_only = true;
  settings.identity_files = {sshd.user_key + ".pub"}; // which others may read
  CHECK_FALSE(failure_within(settings, sshd.dial(), seconds(10)));
  settings.identity_agent = "none";
  const auto error = failure_within(settings, sshd.dial(), seconds(10));
  REQUIRE(error);
  CHECK(std::string(error->what()).find("is a public key") != std::string::npos);
}
