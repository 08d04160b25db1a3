#include "ssh/known_hosts.hpp"

#include <doctest/doctest.h>

#include "tests/unit/ssh/real_sshd.hpp"

namespace kh = ssh::known_hosts;

namespace {
bool fits(const std::string& names, const std::string& name) {
  const auto text = names + " ssh-ed25519 AAAA";
  const auto lines = kh::parse(text);
  return lines.size() == 1 && kh::matches(lines[0], name);
}
} // namespace

TEST_CASE("comments, empty, short and version 1 lines say nothing") {
  CHECK(kh::parse("").empty());
  CHECK(kh::parse("\n  \n# a comment\nhost\nhost ssh-rsa\nhost 1024 35 123456\n@revoked host ssh-rsa\n")
            .empty());
  const auto lines = kh::parse("# c\r\nhost ssh-rsa AAAA comment here\r\n@revoked  *\tssh-rsa  BBBB");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == 2);
  CHECK(lines[0].base64 == "AAAA");
  CHECK(lines[1].marker == kh::Marker::revoked);
  CHECK(lines[1].names == "*");
}

TEST_CASE("patterns: lists, wildcards, negation, ports, letter case") {
  CHECK(fits("a,b,c", "b"));
  CHECK_FALSE(fits("a,b", "ab"));
  CHECK(fits("*.example.org", "x.example.org"));
  CHECK_FALSE(fits("*.example.org", "example.org"));
  CHECK(fits("host?", "host1"));
  CHECK_FALSE(fits("*,!bad*", "badhost"));
  CHECK(fits("*,!bad*", "goodhost"));
  CHECK_FALSE(fits("!bad", "good"));
  CHECK(fits("[host]:2222", "[host]:2222"));
  CHECK_FALSE(fits("[host]:2222", "host"));
  CHECK(fits("Server1", "server1"));
  CHECK(fits("*a*b*c", "xxaxxbxxc"));
  CHECK_FALSE(fits("*a*b*c", "xxaxxbxx"));
  CHECK(kh::lookup_name("Server1", 22) == "server1");
  CHECK(kh::lookup_name("::1", 2222) == "[::1]:2222");
}

TEST_CASE("hashed names are those of ssh-keygen") {
  const test::TempFolder folder;
  const auto key = test::make_key(folder / "key");
  test::write_file(folder / "known_hosts", "server1 " + key + "\n[server1]:2222 " + key + "\n");
  test::run({"sh", "-c", "ssh-keygen -q -H -f \"$0\" 2>/dev/null", folder / "known_hosts"});
  const auto text = test::read_file(folder / "known_hosts");
  CHECK(text.find("server1") == std::string::npos);
  const auto lines = kh::parse(text);
  REQUIRE(lines.size() == 2);
  CHECK(kh::matches(lines[0], "server1"));
  CHECK_FALSE(kh::matches(lines[0], "server2"));
  CHECK(kh::matches(lines[1], "[server1]:2222"));
  test::write_file(folder / "ours", kh::hash_name("server1") + " " + key + "\n");
  CHECK(test::run({"ssh-keygen", "-F", "server1", "-f", folder / "ours"}).find("found") != std::string::npos);
}

TEST_CASE("keys are compared by what they are, not by how they are padded") {
  CHECK(kh::same_key("AAAAC3Nz", "AAAAC3Nz"));
  CHECK(kh::same_key("AAAA", "AAAA===="));
  CHECK_FALSE(kh::same_key("AAAA", "AAAB"));
  CHECK_FALSE(kh::same_key("!!!!", "????"));
  CHECK_FALSE(kh::same_key("", "AAAA"));
}
