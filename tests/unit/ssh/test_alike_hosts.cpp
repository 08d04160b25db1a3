#include "ssh/alike_hosts.hpp"

#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using ssh::ProgramResult;
using ssh::Target;

namespace {

/// The real ssh with a configuration of the test's, and how often it was asked.
class RealSsh {
public:
  explicit RealSsh(const std::string& config) { test::write_file(folder / "config", config); }

  std::vector<ProgramResult> ask(std::span<const Target> targets, bool verbose) {
    std::vector<std::vector<std::string>> lines;
    for (const auto& target : targets) {
      lines.push_back({"/usr/bin/ssh", "-G", "-F", folder / "config"});
      if (verbose) lines.back().emplace_back("-v");
      if (target.user) lines.back().insert(lines.back().end(), {"-l", *target.user});
      if (target.port) lines.back().insert(lines.back().end(), {"-p", std::to_string(*target.port)});
      lines.back().insert(lines.back().end(), {"--", target.host});
    }
    asked += targets.size();
    return ssh::run_programs(lines, std::chrono::seconds(10));
  }

  test::TempFolder folder;
  std::size_t asked = 0;
};

/// A dump without the line that -v changes, and a path whose tokens ssh expands, but which we don't take.
std::string what_counts(std::string dump) {
  for (const auto* keyword : {"\nloglevel ", "\ncontrolpath "}) {
    const auto begin = dump.find(keyword);
    if (begin != std::string::npos) dump.erase(begin, dump.find('\n', begin + 1) - begin);
  }
  return dump;
}

/// How many of the targets ssh is asked for, where what comes out is what it says to each of them.
std::size_t asked_for(RealSsh& real, const std::vector<std::string>& hosts) {
  std::vector<Target> targets;
  for (const auto& host : hosts)
    targets.push_back(ssh::parse_target(host));
  const auto results = ssh::ask_once_for_alike(
      targets, [&](std::span<const Target> some, bool verbose) { return real.ask(some, verbose); });
  const auto asked = real.asked;
  const auto expected = real.ask(targets, false);
  REQUIRE(results.size() == expected.size());
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    CAPTURE(hosts[i]);
    CHECK(results[i].end == expected[i].end);
    CHECK(results[i].exit_status == expected[i].exit_status);
    CHECK(what_counts(results[i].output) == what_counts(expected[i].output));
  }
  return asked;
}

std::size_t asked_for(const std::string& config, const std::vector<std::string>& hosts) {
  RealSsh real(config);
  return asked_for(real, hosts);
}

const std::vector<std::string> fleet{"web1", "web2", "web3", "db1", "db2", "127.0.0.9", "10.0.0.1"};

} // namespace

TEST_CASE("of hosts that ssh_config can't tell apart one is asked") {
  CHECK(asked_for("Host *\n  Port 2200\n  IdentityFile ~/.ssh/fleet\n", fleet) == 1);
  CHECK(asked_for("Host web*\n  User deploy\nHost *\n  Port 2200\n", fleet) == 2);
  CHECK(asked_for("Host web* !web2\n  User deploy\nHost *\n  ControlPath ~/.ssh/%C\n", fleet) == 3);
  CHECK(asked_for("Host 10.*\n  AddressFamily inet\n", fleet) == 2);
}

TEST_CASE("users and ports that are given with a host count as well") {
  CHECK(asked_for("Host *\n  Port 2200\n", {"a@web1", "a@web2", "b@web3", "web4:23", "web5:23", "a@web6"}) ==
        3);
}

TEST_CASE("a host whose name is changed, or that ssh may write in another way, is asked itself") {
  CHECK(asked_for("Host db1\n  HostName 10.0.0.7\nHost *\n  Port 2200\n", fleet) == 2);
  CHECK(asked_for("Host *\n  HostName web1\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  HostName %h.example\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  Port 1\n", {"web1", "WEB2", "127.1", "0x7f.1", "::1", "web-.", "web2"}) == 6);
  CHECK(asked_for("Host *\n  CanonicalizeHostname yes\n  CanonicalDomains invalid\n", fleet) == fleet.size());
  CHECK(asked_for("Match host web*\n  Port 7\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  ProxyJump web2\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  ProxyCommand nc gate 22\n", fleet) == fleet.size());
}

TEST_CASE("the asked host's name in a value makes others be asked") {
  CHECK(asked_for("Host *\n  IdentityFile /keys/web1.pem\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  HostKeyAlias web1\n", fleet) == fleet.size());
  CHECK(asked_for("Host *\n  IdentityFile /keys/myweb1\n", fleet) == 1);
}

TEST_CASE("included files count, those of a block that does not fit as well") {
  RealSsh real("");
  test::write_file(real.folder / "more", "Host db2\n  User other\n");
  const auto include = "  Include " + (real.folder / "more") + "\n";
  test::write_file(real.folder / "config", "Host db*\n" + include + "Host *\n  Port 7\n");
  CHECK(asked_for(real, fleet) == 3);
  RealSsh renaming("");
  test::write_file(renaming.folder / "more", "HostName 10.0.0.1\n");
  test::write_file(renaming.folder / "config", "Host db*\n  Include " + (renaming.folder / "more") + "\n");
  CHECK(asked_for(renaming, fleet) == fleet.size());
}

TEST_CASE("where ssh fails, or says no files, each host is asked") {
  CHECK(asked_for("Nonsense 1\n", fleet) == fleet.size());
  CHECK(asked_for("Host web1\n  Port x\nHost *\n", fleet) == fleet.size());
  std::size_t asked = 0;
  const std::vector<Target> targets{{{}, "a", {}}, {{}, "b", {}}, {{}, "c", {}}};
  (void)ssh::ask_once_for_alike(targets, [&](std::span<const Target> some, bool) {
    asked += some.size();
    ProgramResult result;
    result.end = ProgramResult::End::exited;
    result.output = "hostname " + some.front().host + "\n";
    return std::vector<ProgramResult>(some.size(), result);
  });
  CHECK(asked == 3);
  CHECK(ssh::ask_once_for_alike({}, [](auto, bool) { return std::vector<ProgramResult>(); }).empty());
}

TEST_CASE("an ssh that is a script may tell hosts apart itself") {
  CHECK(ssh::ssh_is_no_script());
  const test::TempFolder folder;
  test::write_file(folder / "ssh", "#!/bin/sh\nexec /usr/bin/ssh \"$@\"\n", 0755);
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", (folder.path() + ":" + before).c_str(), 1);
  CHECK_FALSE(ssh::ssh_is_no_script());
  ::setenv("PATH", "/nonexistent", 1);
  CHECK_FALSE(ssh::ssh_is_no_script());
  ::setenv("PATH", before.c_str(), 1);
}
