#include "controller/privilege.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Verb;
using Names = std::vector<std::string>;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

/// A host where polkit and sudo allow what the test says, and everything that ran there.
struct Host {
  std::set<std::string> polkit, sudo; ///< units
  Names ran;
  std::string sudo_says;
  bool ends_at_refusal = false; ///< as the bus does
  bool sudo_is_late = false;    ///< to say whether it may

  PrivilegedChanges changes(config::Privilege privilege) {
    return {privilege, "ops",
            [this](const auto&, auto units, auto) {
              PrivilegedChanges::Results results;
              for (const auto& unit : units) {
                if (ends_at_refusal && !results.empty() && results.back().end != ChangeResult::End::done) {
                  results.push_back({ChangeResult::End::no_privilege, "", "ops", units.front()});
                  continue;
                }
                ran.push_back("as is " + unit);
                results.push_back(polkit.contains(unit) ? ChangeResult{}
                                                        : ChangeResult{ChangeResult::End::no_privilege,
                                                                       "Access denied", "ops"});
              }
              return results;
            },
            [this](const auto& commands, auto) {
              std::vector<ssh::CommandResult> results;
              for (const auto& command : commands) {
                ssh::CommandResult result;
                if (command.front() != "sudo") { // a process that makes calls with it
                  for (std::size_t i = 8; i < command.size(); ++i) {
                    ran.push_back("sudo -n /usr/bin/systemctl --no-ask-password " + command[6] + " " +
                                  command[i]);
                    result.output += std::to_string(i - 8) + "=0\n";
                  }
                  results.push_back(result);
                  continue;
                }
                ran.push_back(joined(command));
                if (sudo_is_late) result.end = ssh::CommandResult::End::timed_out;
                result.exit_status = sudo.contains(command.back()) ? 0 : 1;
                if (result.exit_status != 0) result.error_output = sudo_says;
                results.push_back(result);
              }
              return results;
            }};
  }
};

const std::string ask = "sudo -n -l /usr/bin/systemctl --no-ask-password start ";
const std::string call = "sudo -n /usr/bin/systemctl --no-ask-password start ";
const Names both{"a.service", "b.service"};

PrivilegedChanges::Results start(PrivilegedChanges changes, const Names& units) {
  return changes.change(Verb::start, units, Clock::now() + std::chrono::seconds(5));
}

} // namespace

TEST_CASE("what is allowed as is needs no sudo") {
  Host host;
  host.polkit = {"a.service", "b.service"};
  for (const auto& result : start(host.changes(config::Privilege::automatic), both))
    CHECK(result.end == ChangeResult::End::done);
  CHECK(host.ran == Names{"as is a.service", "as is b.service"});
}

TEST_CASE("what is refused as is goes by sudo, once it said that it may") {
  Host host;
  host.polkit = {"b.service"};
  host.sudo = {"a.service"};
  for (const auto& result : start(host.changes(config::Privilege::automatic), both))
    CHECK(result.end == ChangeResult::End::done);
  CHECK(host.ran == Names{"as is a.service", "as is b.service", ask + "a.service", call + "a.service"});
}

TEST_CASE("where sudo lacks the right to one of them it changes none, and says which") {
  for (const auto privilege : {config::Privilege::automatic, config::Privilege::sudo}) {
    Host host;
    host.sudo = {"a.service"};
    const auto results = start(host.changes(privilege), both);
    CHECK(results[0].end == ChangeResult::End::no_privilege);
    CHECK(results[0].refused_unit == "b.service");
    CHECK(results[1].end == ChangeResult::End::no_privilege);
    CHECK(results[1].refused_unit.empty());
    CHECK(results[1].user == "ops");
    CHECK(std::none_of(host.ran.begin(), host.ran.end(), [](const auto& c) { return c.starts_with(call); }));
  }
}

TEST_CASE("a refusal is in the words of the one who was to do it") {
  Host host;
  CHECK(start(host.changes(config::Privilege::automatic), both)[0].message == "Access denied");
  CHECK(start(host.changes(config::Privilege::sudo), both)[0].message == "sudo's rules do not have it");
  host.sudo_says = "sudo: a password is required\n";
  CHECK(start(host.changes(config::Privilege::sudo), both)[0].message == "sudo: a password is required");
}

TEST_CASE("a unit that was not tried, since another was refused, says that and not what sudo says of it") {
  Host host;
  host.ends_at_refusal = true;
  const auto results = start(host.changes(config::Privilege::automatic), both);
  CHECK(results[0].message == "Access denied");
  CHECK(results[1].refused_unit == "a.service");
  host.sudo = {"a.service", "b.service"};
  for (const auto& result : start(host.changes(config::Privilege::automatic), both))
    CHECK(result.end == ChangeResult::End::done);
}

TEST_CASE("without sudo a refusal is the end") {
  Host host;
  host.sudo = {"a.service", "b.service"};
  CHECK(start(host.changes(config::Privilege::none), both)[0].end == ChangeResult::End::no_privilege);
  CHECK(host.ran == Names{"as is a.service", "as is b.service"});
}

TEST_CASE("sudo is asked once for a unit and request") {
  Host host;
  host.sudo = {"a.service"};
  auto changes = host.changes(config::Privilege::automatic);
  const Names one{"a.service"};
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  CHECK(changes.change(Verb::start, one, deadline)[0].end == ChangeResult::End::done);
  host.ran.clear();
  CHECK(changes.change(Verb::start, one, deadline)[0].end == ChangeResult::End::done);
  CHECK(host.ran == Names{call + "a.service"});
  host.ran.clear();
  CHECK(changes.change(Verb::stop, one, deadline)[0].end == ChangeResult::End::done);
  CHECK(host.ran.front() == "as is a.service");
}

TEST_CASE("of calls in order the first refusal is one, and what comes after it was not tried") {
  const Names units{"a.service", "b.service", "c.service", "d.service", "e.service"};
  const auto calls =
      systemd_units::parse_ordered_calls("0+\n0=0\n1:Job for b.service failed.\n1:See more.\n1=1\n"
                                         "2:Failed to start c.service: Access denied\n2=1\n",
                                         units.size());
  const auto results = ordered_results(calls, units, {}, "ops");
  CHECK(results[0].end == ChangeResult::End::done);
  CHECK(results[1].end == ChangeResult::End::failed);
  CHECK(results[1].message == "Job for b.service failed.");
  CHECK(results[2].end == ChangeResult::End::no_privilege);
  CHECK(results[2].message == "Failed to start c.service: Access denied");
  CHECK(results[2].user == "ops");
  CHECK(results[2].refused_unit.empty());
  for (std::size_t i = 3; i < 5; ++i) {
    CHECK(results[i].end == ChangeResult::End::no_privilege);
    CHECK(results[i].refused_unit == "c.service");
  }
}

TEST_CASE("where sudo does not say in time whether it may, nothing is asked for, and no right is missing") {
  Host host;
  host.sudo = {"a.service", "b.service"};
  host.sudo_is_late = true;
  for (const auto& result : start(host.changes(config::Privilege::sudo), both)) {
    CHECK(result.end == ChangeResult::End::not_asked);
    CHECK(result.message == "sudo did not say in time whether it may");
  }
  CHECK(std::none_of(host.ran.begin(), host.ran.end(), [](const auto& c) { return c.starts_with(call); }));
}

TEST_CASE("of calls in order whose time was over, those after the one whose turn it was were not made") {
  const Names units{"a.service", "b.service", "c.service", "d.service"};
  ssh::CommandResult process;
  process.end = ssh::CommandResult::End::timed_out;
  const auto ends = [&](std::string_view output) {
    std::vector<ChangeResult::End> ends;
    for (const auto& result :
         ordered_results(systemd_units::parse_ordered_calls(output, units.size()), units, process, "ops"))
      ends.push_back(result.end);
    return ends;
  };
  using enum ChangeResult::End;
  CHECK(ends("0+\n0=0\n1+\n") == std::vector{done, timed_out, timed_out, not_asked});
  CHECK(ends("") == std::vector{timed_out, not_asked, not_asked, not_asked});
  CHECK(ends("0+\n1:Access denied\n1=1\n") ==
        std::vector{timed_out, no_privilege, no_privilege, no_privilege});
  process.begun = false;
  CHECK(ends("") == std::vector(4, not_asked));
}

TEST_CASE("calls in order that have no end fail with the words of the process, where that has ended") {
  const auto calls = systemd_units::parse_ordered_calls("0+\n", 2);
  ssh::CommandResult process;
  process.end = ssh::CommandResult::End::exited;
  process.exit_status = 127;
  process.error_output = "rbash: env: restricted\n";
  CHECK(ordered_results(calls, both, process, "ops")[1].end == ChangeResult::End::failed);
  CHECK(ordered_results(calls, both, process, "ops")[1].message == "rbash: env: restricted");
}

TEST_CASE("a call's failure is no missing right, and with sudo each is its unit's alone") {
  ssh::CommandResult process;
  const auto calls = systemd_units::parse_ordered_calls(
      "2=0\n1:Failed to start b.service: Interactive authentication required.\n1=1\n"
      "0:Job for a.service failed.\n0:See more.\n0=1\n3=143\n",
      5);
  const auto results = sudo_results(calls, process, "ops");
  CHECK(results[0].end == ChangeResult::End::failed);
  CHECK(results[0].message == "Job for a.service failed.");
  CHECK(results[1].end == ChangeResult::End::no_privilege);
  CHECK(results[1].user == "ops");
  CHECK(results[2].end == ChangeResult::End::done);
  CHECK(results[3].message == "exit status 143");
  CHECK(results[4].end == ChangeResult::End::failed);
  process.end = ssh::CommandResult::End::timed_out;
  CHECK(sudo_results(calls, process, "ops")[4].end == ChangeResult::End::timed_out);
  process.begun = false;
  CHECK(sudo_results(calls, process, "ops")[4].end == ChangeResult::End::not_asked);
}

} // namespace controller
