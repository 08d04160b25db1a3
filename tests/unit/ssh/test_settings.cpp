#include "ssh/settings.hpp"

#include "ssh/settings_dump.hpp"
#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <cstdlib>

using ssh::Error;
using ssh::ErrorClass;
using ssh::Settings;
using ssh::SettingsQuery;

namespace {

SettingsQuery query(const std::string& host) {
  return {ssh::parse_target(host), {}};
}

Settings taken(const std::string& dump, const SettingsQuery& asked = query("a")) {
  const auto result = ssh::settings_from_dump(asked, "user me\n" + dump);
  if (const auto* error = std::get_if<Error>(&result)) FAIL(error->what());
  return std::get<Settings>(result);
}

/// The error, or "" where there is none.
std::string refused(const std::string& dump) {
  const auto result = ssh::settings_from_dump(query("a"), "user me\n" + dump);
  const auto* error = std::get_if<Error>(&result);
  return error != nullptr && error->error_class() == ErrorClass::settings ? error->what() : "";
}

/// For its life `ssh` on PATH is the given script. `ssh -G` reads the ssh_config of the password database's
/// home, so a test gives it another one this way.
class FakePath {
public:
  explicit FakePath(const std::string& script) : before_(std::getenv("PATH")) {
    if (!script.empty()) test::write_file(folder / "ssh", "#!/bin/sh\n" + script, 0755);
    ::setenv("PATH", folder.path().c_str(), 1);
  }
  FakePath(const FakePath&) = delete;
  FakePath& operator=(const FakePath&) = delete;
  ~FakePath() { ::setenv("PATH", before_.c_str(), 1); }
  test::TempFolder folder;

private:
  std::string before_;
};

const Settings& of(const std::variant<Settings, Error>& result) {
  if (const auto* error = std::get_if<Error>(&result)) FAIL(error->what());
  return std::get<Settings>(result);
}

} // namespace

TEST_CASE("what ssh -G prints becomes settings") {
  const auto settings = taken(
      "hostname real.example\nport 2222\naddressfamily inet6\nhostkeyalias machine\nidentitiesonly yes\n"
      "identityfile /k/one\nidentityfile /k/with space\nuserknownhostsfile /u/one /u/two\n"
      "globalknownhostsfile none\nidentityagent /run/agent\nciphers aes256-ctr\nhashknownhosts yes\n"
      "certificatefile /c/%h-cert.pub\ncertificatefile /c/with space\nconnecttimeout 7\n"
      "requiredrsasize 3072\nsomethingnew 7\nempty\n");
  CHECK(settings.alias == "a");
  CHECK(settings.hostname == "real.example");
  CHECK(settings.port == 2222);
  CHECK(settings.user == "me");
  CHECK(settings.address_family == AF_INET6);
  CHECK(settings.host_key_alias == "machine");
  CHECK(settings.identities_only);
  CHECK(settings.identity_files == std::vector<std::string>{"/k/one", "/k/with space"});
  CHECK(settings.user_known_hosts == std::vector<std::string>{"/u/one", "/u/two"});
  CHECK(settings.global_known_hosts.empty());
  CHECK(settings.identity_agent == "/run/agent");
  CHECK(settings.ciphers == "aes256-ctr");
  CHECK(settings.hash_known_hosts);
  CHECK(settings.required_rsa_size == 3072);
  CHECK(settings.certificate_files == std::vector<std::string>{"/c/real.example-cert.pub", "/c/with space"});
  CHECK(settings.connect_timeout == std::chrono::seconds(7));
  CHECK_FALSE(settings.default_identities);
  CHECK_FALSE(taken("connecttimeout none\n").connect_timeout);
}

TEST_CASE("tokens and variables in key paths are expanded") {
  ::setenv("ACTORSCTL_TEST_KEYS", "/vault", 1);
  const auto settings = taken("hostname real\nport 2222\nidentityfile /k/%h_%p_%r_%n_%%\nidentityfile "
                              "${ACTORSCTL_TEST_KEYS}/id\nidentityfile ~/id\nidentityfile %d/id\n");
  CHECK(settings.identity_files[0] == "/k/real_2222_me_a_%");
  CHECK(settings.identity_files[1] == "/vault/id");
  CHECK(settings.identity_files[2].front() == '/');
  CHECK(settings.identity_files[2] == settings.identity_files[3]);
  CHECK(refused("identityfile /k/%Z\n").find("IdentityFile /k/%Z") == 0);
  ::unsetenv("ACTORSCTL_TEST_KEYS");
  CHECK(refused("identityfile ${ACTORSCTL_TEST_KEYS}/id\n").find("IdentityFile") == 0);
  CHECK(taken("identityagent $ACTORSCTL_TEST_KEYS\n").identity_agent == "none");
}

TEST_CASE("settings that we can't honour are errors that name them") {
  CHECK(refused("knownhostscommand /bin/x\n").find("KnownHostsCommand") == 0);
  CHECK(refused("bindaddress 10.0.0.1\n").find("BindAddress") == 0);
  CHECK(refused("bindinterface eth0\n").find("BindInterface") == 0);
  CHECK(refused("preferredauthentications password\n").find("PreferredAuthentications") == 0);
  CHECK(refused("pubkeyauthentication no\n").find("PubkeyAuthentication") == 0);
  CHECK(refused("proxycommand none\nproxyjump none\npubkeyauthentication true\nstricthostkeychecking no\n"
                "preferredauthentications gssapi-with-mic,publickey\nrevokedhostkeys none\n")
            .empty());
}

TEST_CASE("our own proxy_jump wins over ssh_config's ways") {
  CHECK(taken("proxyjump j1,j2\n").proxy_jump == "j1,j2");
  CHECK(taken("proxycommand nc %h %p\n").proxy_command == "nc %h %p");
  auto asked = query("a");
  asked.overrides.proxy_jump = "jump";
  CHECK(taken("proxyjump other\n", asked).proxy_jump == "jump");
  CHECK(taken("proxycommand nc %h %p\n", asked).proxy_command.empty());
  asked.overrides.proxy_jump = "none";
  CHECK(taken("proxyjump other\n", asked).proxy_jump.empty());
  auto behind = query("a");
  behind.through_a_jump = true;
  CHECK(taken("proxyjump other\n", behind).proxy_jump.empty());
  CHECK(taken("proxycommand x\n", behind).proxy_command.empty());
}

TEST_CASE("our own key and known_hosts win") {
  auto asked = query("a");
  asked.overrides.identity_file = "/ours/key";
  asked.overrides.known_hosts = "/ours/hosts";
  const auto settings =
      taken("identityfile /theirs\nuserknownhostsfile /theirs\nglobalknownhostsfile /g\n", asked);
  CHECK(settings.identity_files == std::vector<std::string>{"/ours/key"});
  CHECK(settings.user_known_hosts == std::vector<std::string>{"/ours/hosts"});
  CHECK(settings.global_known_hosts.empty());
}

TEST_CASE("the real ssh is asked for all hosts at once") {
  const FakePath path("exec /usr/bin/ssh -F \"${0%/*}/config\" \"$@\"\n");
  test::write_file(path.folder / "config",
                   "Host web\n  HostName web.example\n  User deploy\n  Port 2200\n"
                   "  HostKeyAlias web-key\n  IdentityFile /keys/%r\n"
                   "  UserKnownHostsFile /hosts/%h\nHost jumped\n  ProxyJump gate\nHost gate\n  Port 2022\n");
  const std::vector<SettingsQuery> queries{query("web"), query("root@plain:23"), query("jumped"),
                                           query("web:24")};
  const auto results = ssh::effective_settings(queries);
  REQUIRE(results.size() == 4);
  CHECK(of(results[0]).hostname == "web.example");
  CHECK(of(results[0]).user == "deploy");
  CHECK(of(results[0]).port == 2200);
  CHECK(of(results[0]).host_key_alias == "web-key");
  CHECK(of(results[0]).identity_files == std::vector<std::string>{"/keys/deploy"});
  CHECK(of(results[0]).user_known_hosts == std::vector<std::string>{"/hosts/web.example"});
  CHECK(of(results[0]).notes.empty());
  CHECK(of(results[1]).user == "root");
  CHECK(of(results[1]).port == 23);
  CHECK_FALSE(of(results[1]).kex_algorithms.empty());
  CHECK(of(results[1]).default_identities);
  CHECK_FALSE(of(results[1]).connect_timeout);
  CHECK_FALSE(of(results[0]).default_identities);
  REQUIRE(of(results[2]).jumps.size() == 1);
  CHECK(of(results[2]).jumps[0].hostname == "gate");
  CHECK(of(results[2]).jumps[0].port == 2022);
  CHECK(of(results[3]).port == 24);
}

TEST_CASE("what the real ssh prints by default opens a session") {
  const test::Sshd sshd;
  auto asked = query("127.0.0.1:" + std::to_string(sshd.port));
  asked.overrides.identity_file = sshd.user_key;
  asked.overrides.known_hosts = sshd.folder / "known_hosts";
  const FakePath path("exec /usr/bin/ssh -F /dev/null \"$@\"\n");
  const auto results = ssh::effective_settings(std::span(&asked, 1));
  auto session = ssh::Session::open(of(results[0]), sshd.dial(), test::in(std::chrono::seconds(10)));
  CHECK(session.run({{"echo", "hello"}, {}}, test::in(std::chrono::seconds(10))).output == "hello\n");
}

TEST_CASE("an ssh that fails, hangs or is absent is no end for the other hosts") {
  const auto began = std::chrono::steady_clock::now();
  const FakePath path(
      "for last; do :; done\ncase $last in bad) echo warning >&2; echo 'line 1: bad' >&2; exit 255;;\n"
      "slow) exec /bin/sleep 60;; left) /bin/sleep 40 & ;; esac\necho user me\n");
  const std::vector<SettingsQuery> queries{query("bad"), query("slow"), query("good"), query("left")};
  const auto results = ssh::effective_settings(queries);
  REQUIRE(std::holds_alternative<Error>(results[0]));
  CHECK(std::string(std::get<Error>(results[0]).what()) == "ssh -G fails: line 1: bad");
  REQUIRE(std::holds_alternative<Error>(results[1]));
  CHECK(std::string(std::get<Error>(results[1]).what()) == "ssh -G does not end within 5 s");
  CHECK(of(results[2]).user == "me");
  CHECK(of(results[3]).user == "me"); // though what it left behind still holds its output open
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(25));
}

TEST_CASE("without an ssh program there are defaults and a note") {
  const FakePath path("");
  const auto asked = query("bob@server1:2222");
  const auto results = ssh::effective_settings(std::span(&asked, 1));
  const auto& settings = of(results[0]);
  CHECK(settings.user == "bob");
  CHECK(settings.port == 2222);
  CHECK(settings.identity_files.size() == 3);
  CHECK(settings.identity_files[0].find("/.ssh/id_ed25519") != std::string::npos);
  CHECK(settings.notes.size() == 1);
  const auto plain = query("server1");
  CHECK_FALSE(of(ssh::effective_settings(std::span(&plain, 1))[0]).user.empty());
}
