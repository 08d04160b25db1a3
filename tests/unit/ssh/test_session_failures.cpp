#include "ssh/session.hpp"

#include "tests/unit/ssh/real_sshd.hpp"
#include "tests/unit/ssh/says.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <optional>
#include <thread>

using ssh::ErrorClass;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::says;

namespace {

/// The error that opening ends with.
ssh::Error failure_of_session(const ssh::Settings& settings, ssh::UniqueFd socket,
                              milliseconds time = milliseconds(10'000)) {
  try {
    (void)ssh::Session::open(settings, std::move(socket), test::in(time));
  } catch (const ssh::Error& error) {
    return error;
  }
  return {ErrorClass::settings, "no error at all"};
}

/// With a server on this machine that says `SSH-`.
ssh::Error failure_at(std::uint16_t port, milliseconds time = milliseconds(10'000)) {
  ssh::Settings settings;
  settings.hostname = "127.0.0.1";
  settings.port = port;
  settings.user = "nobody";
  auto dialed = test::dial("127.0.0.1", port, seconds(5));
  REQUIRE(std::holds_alternative<ssh::Dialed>(dialed));
  return failure_of_session(settings, std::move(std::get<ssh::Dialed>(dialed).stream.socket), time);
}

/// A server that says a banner, takes in what it gets and says nothing more.
class SilentServer {
public:
  SilentServer() : thread_([this] { serve(); }) {}
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() { thread_.join(); }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

private:
  void serve() {
    const auto socket = listener_.accept();
    constexpr std::string_view banner = "SSH-2.0-OpenSSH_9.2\r\n";
    (void)!::send(socket.get(), banner.data(), banner.size(), MSG_NOSIGNAL);
    char byte = 0;
    while (::recv(socket.get(), &byte, 1, 0) > 0) {
    }
  }
  test::Listener listener_;
  std::thread thread_;
};

/// A server that says a banner and hangs up on what it gets.
class HangingUp {
public:
  /// \param resets what it was sent is left unread
  explicit HangingUp(bool resets) : thread_([this, resets] { serve(resets); }) {}
  HangingUp(const HangingUp&) = delete;
  HangingUp& operator=(const HangingUp&) = delete;
  ~HangingUp() { thread_.join(); }
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

private:
  void serve(bool resets) {
    const auto socket = listener_.accept();
    constexpr std::string_view banner = "SSH-2.0-OpenSSH_9.2\r\n";
    (void)!::send(socket.get(), banner.data(), banner.size(), MSG_NOSIGNAL);
    char byte = 0;
    (void)!::recv(socket.get(), &byte, 1, MSG_PEEK);
    std::array<char, 65536> all{};
    if (!resets) (void)!::recv(socket.get(), all.data(), all.size(), 0);
  }
  test::Listener listener_;
  std::thread thread_;
};

} // namespace

TEST_CASE("a server that hangs up amid the key exchange may have no algorithm of ours") {
  for (const bool resets : {false, true}) {
    const HangingUp server(resets);
    const auto error = failure_at(server.port());
    CHECK(error.error_class() == ErrorClass::connect);
    CHECK(says(error, "failed in the key exchange: the server closed the connection"));
    CHECK(error.hint().find("sshd's log there says why") == 0);
    CHECK(error.hint().find("allow one of its algorithms in ssh_config") != std::string::npos);
  }
}

TEST_CASE("an unknown, changed or revoked host key ends it before any authentication") {
  const test::Sshd sshd;
  const auto settings = sshd.settings();
  const auto file = sshd.folder / "known_hosts";

  test::write_file(file, "");
  const auto unknown = failure_of_session(settings, sshd.dial());
  CHECK(unknown.error_class() == ErrorClass::host_key);
  CHECK(says(unknown, "host key unknown (SHA256:"));
  CHECK(unknown.hint() == "actorsctl hosts trust");

  const auto other = test::make_key(sshd.folder / "other");
  test::write_file(file, "# one line before\n" + sshd.name() + " " + other + "\n");
  const auto changed = failure_of_session(settings, sshd.dial());
  CHECK(changed.error_class() == ErrorClass::host_key);
  CHECK(std::string(changed.what()) == "host key changed (" + file + ":2)");
  CHECK(changed.hint() == "actorsctl hosts trust --replace");

  test::write_file(file, sshd.name() + " " + sshd.host_key + "\n@revoked * " + sshd.host_key + "\n");
  const auto revoked = failure_of_session(settings, sshd.dial());
  CHECK(std::string(revoked.what()) == "host key revoked (" + file + ":2)");
  CHECK(revoked.hint().empty());

  test::write_file(file, "@cert-authority * " + sshd.host_key + "\n");
  CHECK(says(failure_of_session(settings, sshd.dial()), "certificate authority in " + file + ":1"));
}

TEST_CASE("a host that is known by one key is known though it has others that would come first") {
  const test::Sshd sshd("", "ed25519");
  test::make_key(sshd.folder / "rsa", "rsa");
  const test::Sshd both("HostKey " + (sshd.folder / "rsa") + "\n");
  const auto rsa = test::read_file(sshd.folder / "rsa.pub");
  test::write_file(both.folder / "known_hosts", both.name() + " " + rsa);
  CHECK_NOTHROW((void)both.session());
}

TEST_CASE("a refused key is named, and so is the lack of an agent") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  settings.identity_agent = "SSH_AUTH_SOCK";
  ::unsetenv("SSH_AUTH_SOCK");
  test::make_key(sshd.folder / "stranger");
  settings.identity_files = {sshd.folder / "stranger", sshd.folder / "absent"};
  const auto error = failure_of_session(settings, sshd.dial());
  CHECK(error.error_class() == ErrorClass::authentication);
  CHECK(std::string(error.what()) ==
        "server refuses the key " + (sshd.folder / "stranger") + ", and there is no agent");

  settings.identity_files = {sshd.folder / "stranger", sshd.user_key};
  CHECK_NOTHROW((void)ssh::Session::open(settings, sshd.dial(), test::in(seconds(10))));
}

TEST_CASE("keys that can't be used are said, and no passphrase is asked for") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  test::make_key(sshd.folder / "locked", "ed25519", "secret words");
  settings.identity_files = {sshd.folder / "locked"};
  const auto locked = failure_of_session(settings, sshd.dial());
  CHECK(locked.error_class() == ErrorClass::authentication);
  CHECK(says(locked, "locked needs a passphrase"));

  test::make_key(sshd.folder / "open", "ed25519");
  test::write_file(sshd.folder / "open", test::read_file(sshd.folder / "open"), 0644);
  settings.identity_files = {sshd.folder / "open"};
  CHECK(says(failure_of_session(settings, sshd.dial()), "open may be read by others"));

  test::write_file(sshd.folder / "junk", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  settings.identity_files = {sshd.folder / "junk"};
  CHECK(says(failure_of_session(settings, sshd.dial()), "junk is no private key"));

  settings.identity_files = {sshd.folder / "absent"};
  CHECK(says(failure_of_session(settings, sshd.dial()), "absent does not exist"));
}

TEST_CASE("a server that takes no keys is told apart") {
  const test::Sshd sshd("PubkeyAuthentication no\nPasswordAuthentication yes\n");
  const auto error = failure_of_session(sshd.settings(), sshd.dial());
  CHECK(error.error_class() == ErrorClass::authentication);
  CAPTURE(std::string(error.what()));
  CHECK(says(error, "takes no keys"));
  CHECK(says(error, "password"));
}

TEST_CASE("a server that falls silent after its banner ends at the deadline") {
  const SilentServer server;
  const auto began = std::chrono::steady_clock::now();
  const auto error = failure_at(server.port(), milliseconds(700));
  CHECK(error.error_class() == ErrorClass::timed_out);
  CHECK(says(error, "key exchange"));
  CHECK(std::chrono::steady_clock::now() - began < seconds(5));
}

TEST_CASE("a session that is killed in the middle is lost") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<ssh::Command> commands{{{"echo", "one"}, {}}, {{"sleep", "30"}, {}}};
  std::optional<ssh::Error> error;
  bool first = false;
  try {
    (void)session.run(commands, test::in(seconds(20)), [&](std::size_t index, const ssh::CommandResult&) {
      first = index == 0;
      sshd.cut_connections();
    });
  } catch (const ssh::Error& caught) {
    error = caught;
  }
  CHECK(first);
  REQUIRE(error);
  CHECK(error->error_class() == ErrorClass::lost);
  CHECK_THROWS_AS((void)session.run({{"true"}, {}}, test::in(seconds(5))), ssh::Error);
}

TEST_CASE("a session whose other end falls silent is lost within 15 s") {
  const test::Sshd sshd;
  auto session = sshd.session();
  const std::vector<ssh::Command> commands{{{"echo", "one"}, {}}, {{"sleep", "60"}, {}}};
  const auto began = std::chrono::steady_clock::now();
  std::optional<ssh::Error> error;
  try {
    (void)session.run(commands, test::in(seconds(40)),
                      [&](std::size_t, const ssh::CommandResult&) { sshd.signal_connections(SIGSTOP); });
  } catch (const ssh::Error& caught) {
    error = caught;
  }
  sshd.signal_connections(SIGCONT);
  REQUIRE(error);
  CHECK(error->error_class() == ErrorClass::lost);
  CHECK(std::chrono::steady_clock::now() - began < seconds(20));
}

TEST_CASE("algorithms that libssh does not know are left out, and it is said where none is left") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  settings.ciphers = "made-up@example.org,aes256-ctr";
  settings.kex_algorithms = "sntrup761x25519-sha512,curve25519-sha256";
  CHECK_NOTHROW((void)ssh::Session::open(settings, sshd.dial(), test::in(seconds(10))));
  settings.macs = "umac-64@openssh.com";
  const auto error = failure_of_session(settings, sshd.dial());
  CHECK(error.error_class() == ErrorClass::settings);
  CHECK(says(error, "MACs of ssh_config names nothing"));
}
