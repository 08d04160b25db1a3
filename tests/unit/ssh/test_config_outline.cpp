#include "ssh/config_outline.hpp"

#include <doctest/doctest.h>

using ssh::ConfigOutline;

namespace {

std::optional<ConfigOutline> outline(const std::string& text) {
  return ConfigOutline::of(std::span(&text, 1));
}

bool alike(const std::string& text, const std::string& one, const std::string& other) {
  const auto files = outline(text);
  REQUIRE(files);
  return files->kind(one) && files->kind(one) == files->kind(other);
}

} // namespace

TEST_CASE("hosts that the same patterns fit are of one kind") {
  const std::string text =
      "User me\n\n# all\nHost *.example !web2.example\n\tPort 2200\nhost *\n  Compression=yes\n";
  CHECK(alike(text, "web1.example", "web3.example"));
  CHECK_FALSE(alike(text, "web1.example", "web2.example"));
  CHECK_FALSE(alike(text, "web1.example", "other"));
  CHECK(alike(text, "one", "other"));
  CHECK(alike("", "one", "other"));
  CHECK(alike("Host ONE\n", "two", "three"));
  CHECK_FALSE(alike("Host ONE\n", "one", "two")); // whether case counts or not
}

TEST_CASE("a host that a HostName may be meant for has no kind") {
  const auto files = outline("Host gate\n  HostName 10.0.0.1\nHost *\n  Port 22\n");
  REQUIRE(files);
  CHECK_FALSE(files->kind("gate"));
  CHECK(files->kind("web1"));
  CHECK_FALSE(outline("hostname = %h.example\nHost *\n"));
  CHECK_FALSE(outline("HostName fixed\n")->kind("web1"));
  CHECK_FALSE(outline("Host * !web1\n  HostName fixed\n")->kind("web1"));
}

TEST_CASE("each file begins with lines for all, as where it is included is not known") {
  const std::vector<std::string> texts{"Host gate\n  Include more\n", "HostName fixed\n"};
  const auto files = ConfigOutline::of(texts);
  REQUIRE(files);
  CHECK_FALSE(files->kind("web1"));
}

TEST_CASE("nothing is said of files with a line that may tell hosts apart in another way") {
  for (const auto* line : {"Match host web1",
                           "match all",
                           "Match final all",
                           "CanonicalizeHostname yes",
                           "CanonicalDomains a.b",
                           "IdentityFile ~/.ssh/%h",
                           "Include conf.d/%h",
                           "User %n",
                           "ProxyCommand nc %h %p",
                           "UserKnownHostsFile /hosts/%k",
                           "Host \"web 1\"",
                           "Host=web1",
                           "Host web1 # mine",
                           "Host we\\b",
                           "\"Host\" web1",
                           "=Host web1",
                           "Ho\"st\" web1",
                           "Port 22\r",
                           "Port\v22",
                           "\fHost web1"}) {
    CAPTURE(line);
    CHECK_FALSE(outline(std::string("User me\n") + line + "\nPort 22\n"));
    CHECK_FALSE(outline(line));
  }
  CHECK_FALSE(outline(std::string("User\0me", 7)));
  CHECK(outline("ControlPath ~/.ssh/%r@%h:%p\n # IdentityFile %h\nRemoteCommand date +%s\n"));
  CHECK(outline("Ciphers\taes256-ctr\n   \n\t\nSendEnv LANG LC_*"));
}
