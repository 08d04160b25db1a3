#include "systemd_units/journal.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace systemd_units;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace {

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string line(const std::string& fields) {
  return R"({"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1790000000123456")" + fields + "}";
}

} // namespace

TEST_CASE("journal_command: units are what is looked for, times are seconds") {
  JournalQuery query;
  query.lines = 50;
  query.since = 1790000000'900000us;
  const auto command = journal_command(Words{"a\\x2db@1.service"}, query);
  CHECK(has(command, "_SYSTEMD_UNIT=a\\x2db@1.service"));
  CHECK(has(command, "--lines=50"));
  CHECK(has(command, "--since=@1790000000"));
  CHECK_FALSE(has(command, "--follow"));
  CHECK_THROWS_AS(journal_command({}, query), std::invalid_argument);
}

TEST_CASE("journal_command: what others say about a unit counts if they are root") {
  const auto command = journal_command(Words{"a.service", "b.service"}, {});
  const Words last{"_SYSTEMD_UNIT=a.service",
                   "_SYSTEMD_UNIT=b.service",
                   "+",
                   "_UID=0",
                   "UNIT=a.service",
                   "UNIT=b.service",
                   "+",
                   "_UID=0",
                   "OBJECT_SYSTEMD_UNIT=a.service",
                   "OBJECT_SYSTEMD_UNIT=b.service",
                   "+",
                   "_UID=0",
                   "COREDUMP_UNIT=a.service",
                   "COREDUMP_UNIT=b.service"};
  REQUIRE(command.size() > last.size());
  CHECK(Words(command.end() - static_cast<std::ptrdiff_t>(last.size()), command.end()) == last);
}

TEST_CASE("journal_command: what is to come") {
  JournalQuery query;
  query.after_cursor = "s=1;i=2";
  query.follow = true;
  const auto command = journal_command(Words{"a.service"}, query);
  CHECK(has(command, "--after-cursor=s=1;i=2"));
  CHECK(has(command, "--follow"));
  CHECK(has(command, "--lines=all"));
}

TEST_CASE("an entry is read as journalctl writes it") {
  const auto entry = parse_journal_entry(line(
      R"(,"_SYSTEMD_UNIT":"a.service","_PID":"812","SYSLOG_IDENTIFIER":"prog","PRIORITY":"3","MESSAGE":"hot")"));
  CHECK(entry.cursor == "s=1;i=2");
  CHECK(entry.time == 1790000000'123456us);
  CHECK(entry.unit == "a.service");
  CHECK(entry.pid == 812);
  CHECK(entry.identifier == "prog");
  CHECK(entry.priority == 3);
  CHECK(entry.message == "hot");
}

TEST_CASE("what systemd says of a unit is the unit's") {
  const auto entry = parse_journal_entry(line(
      R"(,"_SYSTEMD_UNIT":"init.scope","UNIT":"a.service","SYSLOG_IDENTIFIER":"systemd","MESSAGE":"Started",)"
      R"("INVOCATION_ID":"abc","_SYSTEMD_INVOCATION_ID":"init")"));
  CHECK(entry.unit == "a.service");
  CHECK(entry.invocation_id == "abc");
  CHECK(entry.is_systemds);
}

TEST_CASE("messages of bytes, messages too long, fields given twice") {
  CHECK(parse_journal_entry(line(R"(,"MESSAGE":[255,10,65])")).message == "\xff\nA");
  CHECK(parse_journal_entry(line(R"(,"MESSAGE":null)")).message.find("too long") != std::string::npos);
  CHECK(parse_journal_entry(line(R"(,"MESSAGE":["one","two"])")).message == "one");
  CHECK(parse_journal_entry(line(R"(,"MESSAGE":[[72,105],"two"])")).message == "Hi");
  CHECK(parse_journal_entry(line("")).message.empty());
}

TEST_CASE("what is no entry is refused") {
  for (const char* text : {"", "Last login: today", "[]", "{}", R"({"__CURSOR":"x"})",
                           R"({"__CURSOR":"x","__REALTIME_TIMESTAMP":"soon"})", "{\"__CURSOR\":"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_journal_entry(text), std::invalid_argument);
  }
}

TEST_CASE("a journal that may not be read says so") {
  CHECK(says_journal_is_closed("Hint: You are currently not seeing messages from other users and the "
                               "system.\n      Users in groups 'adm'"));
  CHECK(says_journal_is_closed("No journal files were opened due to insufficient permissions."));
  CHECK_FALSE(says_journal_is_closed(""));
}
