#include "systemd_units/ordered_calls.hpp"

#include "systemd_units/local_program.hpp"
#include "systemd_units/systemctl_words.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace systemd_units;
using Words = std::vector<std::string>;

namespace {

/// What stands for systemctl: each unit's name says what comes of its call, and FOLDER/calls keeps each.
constexpr const char* systemctl = R"sh(#!/bin/sh
for unit; do :; done
printf '%s\n' "$*" >>FOLDER/calls
case $unit in
  refused*)
    echo "<31>Got message type=error" >&2
    echo "<27>Failed to start $unit: Interactive authentication required." >&2
    echo "<27>See logs." >&2
    exit 1 ;;
  missing*) echo "Failed to start $unit: Unit $unit not found." >&2; exit 5 ;;
  waits*)
    echo "<31>Failed to open something: Permission denied" >&2
    echo "<31>Adding /org/freedesktop/systemd1/job/7 to the set" >&2
    while [ ! -e FOLDER/go ]; do sleep 0.02; done
    echo "<15>Got result failed" >&2
    echo "<27>Job for $unit failed: Permission denied" >&2
    exit 1 ;;
  frees*) echo "<31>Adding /org/freedesktop/systemd1/job/8 to the set" >&2; : >FOLDER/go ;;
esac
)sh";

/// What stands for sudo: FOLDER/sudo_calls keeps what it was asked for, and it runs that systemctl.
constexpr const char* sudo = R"sh(#!/bin/sh
printf 'sudo %s\n' "$*" >>FOLDER/sudo_calls
shift 2
exec FOLDER/systemctl "$@"
)sh";

/// A folder with these programs, gone with the test.
class Host {
public:
  Host()
      : folder_(std::filesystem::temp_directory_path() / ("actorsctl-calls-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    install("systemctl", systemctl);
    install("sudo", sudo);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host() { std::filesystem::remove_all(folder_); }

  /// \param read by whom what it writes is read, a shell's words: all of it where empty
  std::vector<OrderedCall> run(const Request& request, const Words& units, const std::string& read = "cat") {
    return run(ordered_calls_command(request, units), units.size(), read);
  }
  std::vector<OrderedCall> run_with_sudo(const Request& request, const Words& units) {
    return run(sudo_calls_command(request, units), units.size(), "cat");
  }

  /// The calls that were made, in order, each without the words that all have.
  [[nodiscard]] Words calls() const {
    Words all;
    const std::string common = "--no-ask-password ";
    for (const auto& line : lines("calls"))
      all.push_back(line.starts_with(common) ? line.substr(common.size()) : "? " + line);
    return all;
  }
  /// What sudo was asked for, sorted.
  [[nodiscard]] Words sudo_calls() const {
    auto all = lines("sudo_calls");
    std::sort(all.begin(), all.end());
    return all;
  }

private:
  void install(const std::string& name, std::string text) {
    const std::string word = "FOLDER";
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
      text.replace(at, word.size(), folder_.string());
    std::ofstream(folder_ / name) << text;
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
  }

  std::vector<OrderedCall> run(const Words& command, std::size_t units, const std::string& read) {
    Words arguments{"env", "PATH=" + folder_.string() + ":/usr/bin:/bin", "sh", "-c", "\"$@\" | " + read,
                    "sh"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    std::string output;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    run_program(
        arguments, [&](std::string_view piece) { output += piece; },
        [&] { return std::chrono::steady_clock::now() > deadline; });
    return parse_ordered_calls(output, units);
  }

  [[nodiscard]] Words lines(const char* name) const {
    Words all;
    std::ifstream file(folder_ / name);
    for (std::string line; std::getline(file, line);)
      all.push_back(line);
    return all;
  }

  std::filesystem::path folder_;
};

} // namespace

TEST_CASE("calls are made in order, and none after the first that is refused") {
  Host host;
  const auto calls = host.run(Verb::reset_failed, {"a.service", "refused.service", "c.service"});
  CHECK(host.calls() == Words{"reset-failed -- a.service", "reset-failed -- refused.service"});
  CHECK(calls[0].exit_status == 0);
  CHECK(calls[1].was_refused());
  CHECK(calls[1].words == "Failed to start refused.service: Interactive authentication required.\nSee logs.");
  CHECK_FALSE(calls[2].was_made);
  CHECK_FALSE(calls[2].was_refused());
}

TEST_CASE("a job that was queued delays no call after it, and its failure is none of rights") {
  Host host;
  const auto calls = host.run(Verb::start, {"waits.service", "frees.service"});
  CHECK(host.calls() == Words{"start -- waits.service", "start -- frees.service"});
  CHECK(calls[0].was_queued);
  CHECK(calls[0].exit_status == 1);
  CHECK(calls[0].words == "Job for waits.service failed: Permission denied");
  CHECK_FALSE(calls[0].was_refused());
  CHECK(calls[1].exit_status == 0);
  CHECK(calls[1].words.empty());
}

TEST_CASE("a call that fails for another reason than rights is followed by the next") {
  Host host;
  const auto calls = host.run(Verb::stop, {"missing.service", "b.service"});
  CHECK(host.calls().size() == 2);
  CHECK(calls[0].exit_status == 5);
  CHECK_FALSE(calls[0].was_refused());
  CHECK(calls[1].exit_status == 0);
}

TEST_CASE("units arrive as they are, whatever is in their names, and a kill names its signal") {
  Host host;
  const Words units{"a\\x2db@1.service", "x; touch pwned", "$(id) `id` \"'", "-s"};
  const auto calls = host.run({Verb::kill, "SIGUSR1"}, units);
  const auto made = host.calls();
  REQUIRE(made.size() == units.size());
  for (std::size_t i = 0; i < units.size(); ++i)
    CHECK(made[i] == "kill --signal=SIGUSR1 -- " + units[i]);
  CHECK(std::all_of(calls.begin(), calls.end(), [](const auto& call) { return call.exit_status == 0; }));
}

TEST_CASE("where nobody reads any more, no more calls are made") {
  Host host;
  Words many(40, "a.service");
  host.run(Verb::kill, many, "true");
  const auto made = host.calls().size();
  CHECK(made >= 1);
  CHECK(made < many.size());
}

TEST_CASE("with sudo no call waits for another's job, however many there are") {
  Host host;
  Words units(20, "waits.service");
  units.emplace_back("frees.service");
  const auto calls = host.run_with_sudo(Verb::stop, units);
  CHECK(host.sudo_calls().size() == units.size());
  CHECK(calls.front().exit_status == 1);
  CHECK(calls.back().exit_status == 0);
}

TEST_CASE("with sudo each call is exactly the one that a sudoers line names, and has its own words") {
  const Words units{"a\\x2db@1.service", "missing.service", "refused.service", "x; touch pwned",
                    "$(id) `id` \"'"};
  for (const auto& request : {Request(Verb::restart), Request(Verb::kill, "SIGUSR1")}) {
    Host host;
    const auto calls = host.run_with_sudo(request, units);
    Words expected;
    for (const auto& unit : units) {
      std::string line;
      for (const auto& word : change_command(request, unit, true))
        line += (line.empty() ? "" : " ") + word;
      expected.push_back(line);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(host.sudo_calls() == expected);
    CHECK(calls[0].exit_status == 0);
    CHECK(calls[1].exit_status == 5);
    CHECK(calls[1].words == "Failed to start missing.service: Unit missing.service not found.");
    CHECK_FALSE(calls[1].was_refused());
    CHECK(calls[2].was_refused());
    CHECK(calls[3].exit_status == 0);
    CHECK(calls[4].exit_status == 0);
  }
}

TEST_CASE("sudo_calls_command: one line, as every login shell takes it, and no unit in the script") {
  const Words units{"a.service"};
  const auto command = sudo_calls_command(Verb::stop, units);
  REQUIRE(command.size() == 9);
  CHECK(Words(command.begin(), command.begin() + 4) == Words{"env", "LC_ALL=C", "sh", "-c"});
  CHECK(Words(command.begin() + 5, command.end()) == Words{"sh", "stop", "", "a.service"});
  CHECK(command[4].find_first_of("\n!") == std::string::npos);
  CHECK(command[4].find("a.service") == std::string::npos);
  CHECK_THROWS_AS(sudo_calls_command(Verb::stop, {}), std::invalid_argument);
}

TEST_CASE("parse_ordered_calls: what was cut off, what is not its own, and numbers that are none") {
  const auto calls =
      parse_ordered_calls("Welcome!\n0+\n1:<28>words\n1:<x>more\n2=0\n7=0\n-1=0\n1=\n1=zz\n0=1", 3);
  CHECK(calls[0].was_queued);
  CHECK_FALSE(calls[0].exit_status);
  CHECK(calls[1].words == "words\n<x>more");
  CHECK_FALSE(calls[1].exit_status);
  CHECK(calls[2].exit_status == 0);
  CHECK_FALSE(parse_ordered_calls("", 1)[0].was_made);
}

TEST_CASE("ordered_calls_command: one line, as every login shell takes it, and no unit in the script") {
  const Words units{"a.service"};
  const auto command = ordered_calls_command({Verb::kill, "SIGHUP"}, units);
  REQUIRE(command.size() == 9);
  CHECK(Words(command.begin(), command.begin() + 4) == Words{"env", "LC_ALL=C", "sh", "-c"});
  CHECK(Words(command.begin() + 5, command.end()) == Words{"sh", "kill", "--signal=SIGHUP", "a.service"});
  CHECK(command[4].find_first_of("\n!") == std::string::npos);
  CHECK(command[4].find("a.service") == std::string::npos);
  CHECK(ordered_calls_command(Verb::enable, units)[7].empty());
  CHECK(ordered_calls_command(Verb::start, units)[3] == "SYSTEMD_LOG_TARGET=console-prefixed");
  CHECK_THROWS_AS(ordered_calls_command(Verb::start, {}), std::invalid_argument);
}

TEST_CASE("refusals_by_systemd: phrases that mean themselves in a shell's quotes") {
  for (const auto phrase : refusals_by_systemd()) {
    CHECK(phrase.find_first_of("\"$`\\") == std::string_view::npos);
    CHECK(says_no_privilege(phrase));
  }
}
