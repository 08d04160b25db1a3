#include "ssh/certificate.hpp"

#include "ssh/known_hosts.hpp"
#include "tests/unit/ssh/real_agent.hpp"
#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <sstream>

using ssh::ErrorClass;
using std::chrono::seconds;

namespace {

std::string second_word(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  words >> word >> word;
  return word;
}

/// A certificate authority, and an sshd that takes whom it certifies and nobody else.
struct Authority {
  test::TempFolder folder;
  std::unique_ptr<test::Sshd> sshd;

  Authority() {
    test::make_key(folder / "ca");
    sshd = std::make_unique<test::Sshd>("TrustedUserCAKeys " + (folder / "ca.pub") + "\n");
    test::write_file(sshd->folder / "authorized_keys", "");
  }

  /// Writes KEY-cert.pub beside KEY.
  void certify(const std::string& key, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> line{"ssh-keygen", "-q",       "-s", folder / "ca",
                                  "-I",         "somebody", "-n", ::getpwuid(::getuid())->pw_name};
    line.insert(line.end(), more.begin(), more.end());
    line.push_back(key + ".pub");
    test::run(line);
  }

  /// What opening ends with; empty: it is open.
  [[nodiscard]] std::string failure(const ssh::Settings& settings) const {
    try {
      (void)ssh::Session::open(settings, sshd->dial(), test::in(seconds(10)));
      return {};
    } catch (const ssh::Error& error) {
      CHECK(error.error_class() == ErrorClass::authentication);
      return error.what();
    }
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a certificate says which key it certifies, for whom and for how long") {
  const Authority authority;
  const auto key = authority.folder / "key";
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    CAPTURE(type);
    const auto plain = test::make_key(key, type);
    authority.certify(key, {"-V", "-1h:+1h"});
    const auto file = ssh::load_certificate(key + "-cert.pub");
    CHECK(file.exists);
    CHECK(file.problem.empty());
    CHECK(ssh::known_hosts::same_key(file.key_base64, second_word(plain)));
    const auto blob = ssh::known_hosts::decode_key(file.base64);
    REQUIRE(blob);
    const auto certificate = ssh::read_certificate(*blob);
    REQUIRE(certificate);
    CHECK(certificate->for_users);
    CHECK(certificate->valid_before - certificate->valid_after == 7200);
    for (std::size_t size = 0; size < blob->size() && size < 80; ++size)
      CHECK_FALSE(ssh::read_certificate(blob->substr(0, size)));
    std::filesystem::remove(key);
    std::filesystem::remove(key + ".pub");
  }
  CHECK(ssh::load_certificate(authority.folder / "absent").problem == "does not exist");
  CHECK(ssh::load_certificate(authority.folder / "ca.pub").problem == "is no certificate");
}

TEST_CASE("a certificate that can't be used says why") {
  const Authority authority;
  const auto key = authority.folder / "key";
  test::make_key(key);
  authority.certify(key, {"-V", "20010101:20010102"});
  CHECK(ssh::load_certificate(key + "-cert.pub").problem == "has expired");
  authority.certify(key, {"-V", "20990101:20990102"});
  CHECK(ssh::load_certificate(key + "-cert.pub").problem == "is not valid yet");
  authority.certify(key, {"-h"});
  CHECK(ssh::load_certificate(key + "-cert.pub").problem == "is a host's certificate, not a user's");
}

TEST_CASE("KEY-cert.pub beside a key is shown after the key, whatever its kind") {
  const Authority authority;
  auto settings = authority.sshd->settings();
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    CAPTURE(type);
    const auto key = authority.folder / type;
    test::make_key(key, type);
    settings.identity_files = {key};
    CHECK(holds(authority.failure(settings), "server refuses the key " + key));
    authority.certify(key);
    CHECK(authority.failure(settings) == "");
  }
}

TEST_CASE("a CertificateFile goes with the key that it certifies, and turns off KEY-cert.pub") {
  const Authority authority;
  const auto key = authority.folder / "key", elsewhere = authority.folder / "elsewhere";
  test::make_key(key);
  authority.certify(key);
  auto settings = authority.sshd->settings();
  settings.identity_files = {authority.sshd->user_key, key};
  std::filesystem::rename(key + "-cert.pub", elsewhere);
  CHECK(authority.failure(settings) != "");
  settings.certificate_files = {authority.folder / "absent", elsewhere};
  CHECK(authority.failure(settings) == "");

  test::make_key(authority.folder / "other");
  authority.certify(authority.folder / "other");
  std::filesystem::rename(elsewhere, key + "-cert.pub");
  settings.certificate_files = {authority.folder / "other-cert.pub"};
  CHECK(holds(authority.failure(settings), "other-cert.pub fits no key file that can be used"));
  authority.certify(key, {"-V", "20010101:20010102"});
  settings.certificate_files = {key + "-cert.pub"};
  CHECK(holds(authority.failure(settings), "key-cert.pub has expired"));
}

TEST_CASE("an agent's certificate is taken, and a certificate in a file goes with the agent's key") {
  const Authority authority;
  const auto key = authority.folder / "key", elsewhere = authority.folder / "elsewhere";
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    CAPTURE(type);
    const test::TempFolder folder;
    test::make_key(folder / "key", type);
    authority.certify(folder / "key");
    auto settings = authority.sshd->settings();
    settings.identity_files = {folder / "absent"};
    {
      const test::Agent agent(folder);
      agent.add(folder / "key"); // with its certificate
      settings.identity_agent = agent.socket;
      CHECK(authority.failure(settings) == "");
    }
    std::filesystem::remove(folder / "agent");
    std::filesystem::rename(folder / "key-cert.pub", folder / "elsewhere");
    const test::Agent agent(folder);
    agent.add(folder / "key");
    CHECK(authority.failure(settings) != "");
    settings.certificate_files = {folder / "elsewhere"};
    CHECK(authority.failure(settings) == "");
    settings.identities_only = true;
    CHECK(authority.failure(settings) == "");
  }
}
