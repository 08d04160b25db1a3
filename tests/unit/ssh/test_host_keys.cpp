#include "ssh/host_keys.hpp"

#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

using ssh::KeyStanding;
using std::chrono::seconds;

namespace {

const std::string key_a = "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const std::string key_b = "AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

ssh::HostKey ed25519(const std::string& base64) {
  return {"ssh-ed25519", base64, "SHA256:x"};
}

struct Files {
  test::TempFolder folder;
  ssh::Settings settings;
  explicit Files(const std::string& user_lines, const std::string& global_lines = "",
                 std::uint16_t port = 22) {
    test::write_file(folder / "user", user_lines);
    test::write_file(folder / "global", global_lines);
    settings.hostname = settings.alias = "Server1";
    settings.port = port;
    settings.user_known_hosts = {folder / "user", folder / "absent"};
    settings.global_known_hosts = {folder / "global"};
  }
  [[nodiscard]] KeyStanding standing(const std::string& base64) const {
    return ssh::judge_host_key(settings, ed25519(base64)).standing;
  }
  [[nodiscard]] std::string user() const { return test::read_file(folder / "user"); }
};

unsigned mode(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

} // namespace

TEST_CASE("a key is known by a line of its own, among others, in either file") {
  CHECK(Files("server1 ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::known);
  CHECK(Files("server1 ssh-ed25519 " + key_b + "\nserver1 ssh-ed25519 " + key_a).standing(key_a) ==
        KeyStanding::known);
  CHECK(Files("", "*,!server2 ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::known);
  CHECK(Files("server2 ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::unknown);
  CHECK(Files("server1 ssh-rsa " + key_b).standing(key_a) == KeyStanding::unknown);
  const Files changed("\nserver1 ssh-ed25519 " + key_b);
  const auto verdict = ssh::judge_host_key(changed.settings, ed25519(key_a));
  CHECK(verdict.standing == KeyStanding::changed);
  CHECK(verdict.where == (changed.folder / "user") + ":2");
}

TEST_CASE("a revoked key is revoked wherever it says so") {
  const auto known = "server1 ssh-ed25519 " + key_a + "\n";
  CHECK(Files(known, "@revoked * ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::revoked);
  CHECK(Files("@revoked server1 ssh-ed25519 " + key_a + "\n" + known).standing(key_a) ==
        KeyStanding::revoked);
  CHECK(Files(known + "@revoked * ssh-ed25519 " + key_b).standing(key_a) == KeyStanding::known);
  CHECK(Files("[server1]:2222 ssh-ed25519 " + key_a + "\n@revoked server1 ssh-ed25519 " + key_a, "", 2222)
            .standing(key_a) == KeyStanding::revoked);
}

TEST_CASE("a certificate authority or an unknown marker makes no key known") {
  const Files authority("@cert-authority * ssh-ed25519 " + key_a);
  const auto verdict = ssh::judge_host_key(authority.settings, ed25519(key_a));
  CHECK(verdict.standing == KeyStanding::unknown);
  CHECK(verdict.authority == (authority.folder / "user") + ":1");
  CHECK(Files("@other server1 ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::unknown);
}

TEST_CASE("ports and aliases have names of their own") {
  CHECK(Files("[server1]:2222 ssh-ed25519 " + key_a, "", 2222).standing(key_a) == KeyStanding::known);
  CHECK(Files("[server1]:2222 ssh-ed25519 " + key_a).standing(key_a) == KeyStanding::unknown);
  // As OpenSSH has it: a line without a port knows the host on another port, but says nothing against it.
  CHECK(Files("server1 ssh-ed25519 " + key_a, "", 2222).standing(key_a) == KeyStanding::known);
  CHECK(Files("server1 ssh-ed25519 " + key_b, "", 2222).standing(key_a) == KeyStanding::unknown);
  CHECK(Files("server1 ssh-ed25519 " + key_a + "\n[server1]:2222 ssh-ed25519 " + key_b, "", 2222)
            .standing(key_a) == KeyStanding::changed);
  Files alias("machine ssh-ed25519 " + key_a, "", 2222);
  alias.settings.host_key_alias = "machine";
  CHECK(alias.standing(key_a) == KeyStanding::known);
}

TEST_CASE("a file that can't be read is an error, not a file without lines") {
  Files files("");
  files.settings.user_known_hosts = {files.folder.path()};
  CHECK_THROWS_AS((void)files.standing(key_a), ssh::Error);
}

TEST_CASE("a trusted key is known from then on") {
  Files files("other ssh-ed25519 " + key_b); // without an end of line
  CHECK(ssh::trust_host_key(files.settings, ed25519(key_a), false) == files.folder / "user");
  CHECK(files.user() == "other ssh-ed25519 " + key_b + "\nserver1 ssh-ed25519 " + key_a + "\n");
  CHECK(files.standing(key_a) == KeyStanding::known);
  (void)ssh::trust_host_key(files.settings, ed25519(key_a), false);
  CHECK(files.user().find(key_a) == files.user().rfind(key_a));

  files.settings.user_known_hosts = {files.folder / "new/known_hosts"};
  files.settings.hash_known_hosts = true;
  files.settings.port = 2222;
  (void)ssh::trust_host_key(files.settings, ed25519(key_a), false);
  CHECK(mode(files.folder / "new") == 0700);
  CHECK(mode(files.folder / "new/known_hosts") == 0600);
  CHECK(test::read_file(files.folder / "new/known_hosts").substr(0, 3) == "|1|");
  CHECK(files.standing(key_a) == KeyStanding::known);
}

TEST_CASE("a changed key is replaced only when told so, and nothing else is touched") {
  const auto keep = std::string("# comment\nother ssh-ed25519 ") + key_b + "\n*.x ssh-ed25519 " + key_b +
                    "\n@cert-authority server1 ssh-ed25519 " + key_b + "\n";
  Files files(keep + "server1 ssh-ed25519 " + key_b + " old\nSERVER1,alias ssh-ed25519 " + key_b + " both\n");
  ::chmod((files.folder / "user").c_str(), 0640);
  REQUIRE(::symlink((files.folder / "user").c_str(), (files.folder / "link").c_str()) == 0);
  files.settings.user_known_hosts = {files.folder / "link"};
  CHECK_THROWS_AS((void)ssh::trust_host_key(files.settings, ed25519(key_a), false), ssh::Error);
  (void)ssh::trust_host_key(files.settings, ed25519(key_a), true);
  CHECK(files.user() == keep + "alias ssh-ed25519 " + key_b + " both\nserver1 ssh-ed25519 " + key_a + "\n");
  CHECK(mode(files.folder / "user") == 0640);
  CHECK(::access((files.folder / "link").c_str(), F_OK) == 0);
  CHECK(files.standing(key_a) == KeyStanding::known);
  CHECK(files.standing(key_b) == KeyStanding::changed);
}

TEST_CASE("a revoked key can't be trusted") {
  Files files("@revoked * ssh-ed25519 " + key_a + "\n");
  CHECK_THROWS_AS((void)ssh::trust_host_key(files.settings, ed25519(key_a), true), ssh::Error);
  files.settings.user_known_hosts.clear();
  CHECK_THROWS_AS((void)ssh::trust_host_key(files.settings, ed25519(key_a), true), ssh::Error);
}

TEST_CASE("the key of a real server is fetched, trusted and then taken") {
  const test::Sshd sshd;
  auto settings = sshd.settings();
  settings.user_known_hosts = {sshd.folder / "fresh/known_hosts"};
  const auto key = ssh::fetch_host_key(settings, sshd.dial(), test::in(seconds(10)));
  CHECK(key.type + " " + key.base64 == sshd.host_key);
  std::istringstream words(test::run({"ssh-keygen", "-l", "-f", sshd.folder / "host_key.pub"}));
  std::string bits, fingerprint;
  words >> bits >> fingerprint;
  CHECK(key.fingerprint == fingerprint);
  (void)ssh::trust_host_key(settings, key, false);
  CHECK_NOTHROW((void)ssh::Session::open(settings, sshd.dial(), test::in(seconds(10))));
  // OpenSSH reads what was written.
  CHECK(test::run({"ssh-keygen", "-F", sshd.name(), "-f", sshd.folder / "fresh/known_hosts"})
            .find(key.base64) != std::string::npos);
}

TEST_CASE("RevokedHostKeys wins over known_hosts, and a file that can't be read is no pardon") {
  const test::TempFolder folder;
  const auto line = test::make_key(folder / "key");
  const ssh::HostKey key{"ssh-ed25519", line.substr(line.find(' ') + 1), "SHA256:x"};
  ssh::Settings settings;
  settings.alias = settings.hostname = "a";
  settings.user_known_hosts = {folder / "known_hosts"};
  test::write_file(folder / "known_hosts", "a " + line + "\n");
  settings.revoked_host_keys = folder / "revoked";
  CHECK_THROWS_AS((void)ssh::judge_host_key(settings, key), ssh::Error);
  test::write_file(folder / "revoked", "# " + line + "\n" + test::make_key(folder / "other") + "\n");
  CHECK(ssh::judge_host_key(settings, key).standing == ssh::KeyStanding::known);
  test::write_file(folder / "revoked", "# old\n" + line + " comment\n");
  CHECK(ssh::judge_host_key(settings, key).standing == ssh::KeyStanding::revoked);
  CHECK(ssh::judge_host_key(settings, key).where == (folder / "revoked") + ":2");
  test::write_file(folder / "revoked", std::string("SSHKRL\n\0", 8));
  CHECK_THROWS_AS((void)ssh::judge_host_key(settings, key), ssh::Error);
}
