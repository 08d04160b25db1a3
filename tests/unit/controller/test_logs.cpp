// Of this machine, whose journalctl is what the test says.

#include "controller/logs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace controller {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// For its life `journalctl` on PATH is the given script, in which `entry N` prints one.
class FakeJournalctl {
public:
  explicit FakeJournalctl(const std::string& script) : before_(std::getenv("PATH")) {
    std::string name = (fs::temp_directory_path() / "journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    std::ofstream(folder_ / "journalctl") << R"sh(#!/bin/sh
entry() {
  printf '{"__CURSOR":"c%s","__REALTIME_TIMESTAMP":"%s","_SYSTEMD_UNIT":"m.service","MESSAGE":"%s"}\n' "$1" "$1" "$1"
}
begun() { echo "$*" >>"${0%/*}/begun"; }
times_begun() { wc -l <"${0%/*}/begun"; }
begun "$@"
)sh" << script;
    fs::permissions(folder_ / "journalctl", fs::perms::owner_all);
    ::setenv("PATH", (name + ":" + before_).c_str(), 1);
  }
  FakeJournalctl(const FakeJournalctl&) = delete;
  FakeJournalctl& operator=(const FakeJournalctl&) = delete;
  ~FakeJournalctl() {
    ::setenv("PATH", before_.c_str(), 1);
    fs::remove_all(folder_);
  }

private:
  std::string before_;
  fs::path folder_;
};

/// What a reader of the logs sees. One that follows has seen enough after the line `until`.
struct Reader {
  explicit Reader(double command_timeout_s) {
    host.name = "here";
    host.command_timeout_s = command_timeout_s;
    manager.id = "M";
    manager.service = "m.service";
    options.entry = [this](const Chosen&, const systemd_units::JournalEntry& entry) {
      lines.push_back(entry.message);
      if (entry.message == until) enough = true;
    };
    options.failed = [this](const config::Host&, const Failure& failure) { failures.push_back(failure); };
    options.back = [](const config::Host&) {};
    options.fan_out.cancelled = [this, deadline = std::chrono::steady_clock::now() + 30s] {
      return enough || std::chrono::steady_clock::now() > deadline;
    };
  }

  void read() {
    const std::vector<Chosen> chosen{{&host, &manager, true}};
    read_logs(chosen, options);
  }

  config::Host host;
  config::Manager manager;
  LogOptions options;
  std::string until;
  std::atomic<bool> enough = false;
  Lines lines;
  std::vector<Failure> failures;
};

/// Follows from now on, to the line that is the last.
struct NewOnly : Reader {
  NewOnly(double command_timeout_s, std::string last) : Reader(command_timeout_s) {
    options.follow = true;
    options.lines = 0;
    until = std::move(last);
  }
};

} // namespace

TEST_CASE("a journal that keeps coming is read to its end, however long that takes") {
  const FakeJournalctl journalctl("for i in 1 2 3 4 5; do entry $i; sleep .8; done");
  Reader reader(3);
  reader.read();
  CHECK(reader.lines == Lines{"1", "2", "3", "4", "5"});
  CHECK(reader.failures.empty());
}

TEST_CASE("what came of a journal before it went silent is shown, and said to be cut off") {
  const FakeJournalctl journalctl("entry 1; entry 2; exec sleep 1000");
  Reader reader(3);
  reader.read();
  CHECK(reader.lines == Lines{"1", "2"});
  REQUIRE(reader.failures.size() == 1);
  CHECK(reader.failures.front().failure_class == FailureClass::timed_out);
  CHECK(reader.failures.front().message ==
        "journalctl gave nothing more for 3 s; its journal is cut off there, what came before is shown");
}

TEST_CASE("a journal of which nothing comes is not waited for") {
  const FakeJournalctl journalctl("exec sleep 1000");
  Reader reader(1);
  reader.read();
  CHECK(reader.lines.empty());
  REQUIRE(reader.failures.size() == 1);
  CHECK(reader.failures.front().failure_class == FailureClass::timed_out);
  CHECK(reader.failures.front().message == "journalctl gave no answer within 1 s");
}

TEST_CASE("what came of a journal before journalctl failed is shown, too") {
  const FakeJournalctl journalctl("entry 1; echo 'Bad message' >&2; exit 1");
  Reader reader(30);
  reader.read();
  CHECK(reader.lines == Lines{"1"});
  REQUIRE(reader.failures.size() == 1);
  CHECK(reader.failures.front().failure_class == FailureClass::internal);
  CHECK(
      reader.failures.front().message.starts_with("journalctl failed: Bad message; its journal is cut off"));
}

TEST_CASE("following, a journal that was cut off is taken up there") {
  const FakeJournalctl journalctl(R"sh(
case "$*" in
*--follow*--after-cursor=c2*|*--after-cursor=c2*--follow*) entry 3 ;;
*) entry 1; entry 2 ;;
esac
exec sleep 1000)sh");
  Reader reader(3);
  reader.options.follow = true;
  reader.until = "3";
  reader.read();
  CHECK(reader.lines == Lines{"1", "2", "3"});
  CHECK(reader.failures.size() == 1);
}

TEST_CASE("following may be silent for as long as there is nothing to say") {
  const FakeJournalctl journalctl(R"sh(
case "$*" in
*--follow*) sleep 4; entry 2; exec sleep 1000 ;;
*) entry 1 ;;
esac)sh");
  Reader reader(3);
  reader.options.follow = true;
  reader.until = "2";
  reader.read();
  CHECK(reader.lines == Lines{"1", "2"});
  CHECK(reader.failures.empty());
}

TEST_CASE("the last lines since a time are the last ones") {
  // As systemd 252 has it: with a time, a number counts from there.
  const FakeJournalctl journalctl(R"sh(
case "$*" in
*--lines=2*--since*|*--since*--lines=2*) entry 2000001; entry 2000002 ;;
*--lines=2*) entry 2000003; entry 2000004 ;;
esac)sh");
  Reader reader(30);
  reader.options.lines = 2;
  reader.options.since = 2000001us;
  reader.read();
  CHECK(reader.lines == Lines{"2000003", "2000004"});
  reader.lines.clear();
  reader.options.since = 2000004us;
  reader.read();
  CHECK(reader.lines == Lines{"2000004"});
}

TEST_CASE("following with no lines shows what is new and nothing else") {
  const FakeJournalctl journalctl(R"sh(
case "$*" in
*--lines=0*) ;;
*--after-cursor=c1*) entry 2; exec sleep 1000 ;;
*--follow*) entry 1; entry 2; exec sleep 1000 ;;
*) entry 1 ;;
esac)sh");
  NewOnly reader(30, "2");
  reader.read();
  CHECK(reader.lines == Lines{"2"});
}

TEST_CASE("following with no lines, all is new where there was nothing") {
  const FakeJournalctl journalctl(R"sh(
case "$*" in
*--after-cursor*|*--lines=0*) ;;
*--follow*) entry 1; exec sleep 1000 ;;
esac)sh");
  NewOnly reader(30, "1");
  reader.read();
  CHECK(reader.lines == Lines{"1"});
}

TEST_CASE("following with no lines, a host that comes late shows what is new as well") {
  const FakeJournalctl journalctl(R"sh(
[ "$(times_begun)" -gt 1 ] || exec sleep 1000
case "$*" in
*--lines=0*) ;;
*--after-cursor=c1*) entry 2; exec sleep 1000 ;;
*--follow*) entry 1; entry 2; exec sleep 1000 ;;
*) entry 1 ;;
esac)sh");
  NewOnly reader(3, "2");
  reader.read();
  CHECK(reader.lines == Lines{"2"});
  CHECK(reader.failures.size() == 1);
}

} // namespace controller
