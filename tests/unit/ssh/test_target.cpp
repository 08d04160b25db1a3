#include "ssh/target.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

TEST_CASE("a target is a host with or without user and port") {
  const auto plain = ssh::parse_target("server1");
  CHECK(plain.host == "server1");
  CHECK_FALSE(plain.user);
  CHECK_FALSE(plain.port);
  const auto full = ssh::parse_target("actors@server1.example.org:2222");
  CHECK(full.user == "actors");
  CHECK(full.host == "server1.example.org");
  CHECK(full.port == 2222);
  CHECK(ssh::parse_target("domain@user@host").user == "domain@user");
}

TEST_CASE("an IPv6 address may stand with brackets and port, or bare") {
  const auto bracketed = ssh::parse_target("root@[2001:db8::1]:22");
  CHECK(bracketed.host == "2001:db8::1");
  CHECK(bracketed.port == 22);
  CHECK(ssh::parse_target("[fe80::1%eth0]").host == "fe80::1%eth0");
  CHECK(ssh::parse_target("2001:db8::1").host == "2001:db8::1");
  CHECK_FALSE(ssh::parse_target("2001:db8::1").port);
}

TEST_CASE("what could be an option, a shell word or no host at all is refused") {
  for (const auto* text : {"",
                           "-oProxyCommand=x",
                           "user@-oProxyCommand=x",
                           "-l@host",
                           "@host",
                           "user@",
                           "user@:22",
                           "host:",
                           "host:0",
                           "host:65536",
                           "host:22x",
                           "host:-1",
                           "host: 22",
                           "a b",
                           "a\tb",
                           "a\nb",
                           "[::1",
                           "[::1]22",
                           "[]:22",
                           "ssh://host",
                           "host;reboot",
                           "$(reboot)",
                           "`reboot`",
                           "ho'st",
                           "host\x7f"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(ssh::parse_target(text), std::invalid_argument);
  }
  CHECK_THROWS_AS(ssh::parse_target(std::string("a\0b", 3)), std::invalid_argument);
}

TEST_CASE("a hop of a ProxyJump may be a URI") {
  for (const auto* text :
       {"ssh://ops@[fe80::1%eth0]:2222", "ssh://ops@[fe80::1%eth0]:2222/", "ops@[fe80::1%eth0]:2222"}) {
    const auto hop = ssh::parse_jump_host(text);
    CHECK(hop.user == "ops");
    CHECK(hop.host == "fe80::1%eth0");
    CHECK(hop.port == 2222);
  }
  CHECK(ssh::parse_jump_host("ssh://gate").host == "gate");
  CHECK_THROWS_AS(ssh::parse_jump_host("ssh://"), std::invalid_argument);
  CHECK_THROWS_AS(ssh::parse_jump_host("ssh://gate/path"), std::invalid_argument);
  CHECK_THROWS_AS(ssh::parse_jump_host("http://gate"), std::invalid_argument);
}
