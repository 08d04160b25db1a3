#include "systemd_units/journal.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <stdexcept>

namespace systemd_units {
namespace {

using Json = nlohmann::json;

constexpr const char* fields_wanted =
    "--output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_PID,_SYSTEMD_UNIT,UNIT,OBJECT_SYSTEMD_UNIT,"
    "COREDUMP_UNIT,INVOCATION_ID,_SYSTEMD_INVOCATION_ID";

/// journalctl shows a user what is his own and says nothing of the rest where its output is JSON.
constexpr const char* journal_script =
    "for file in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do "
    "if [ -e \"$file\" ] && [ ! -r \"$file\" ]; then echo \"$file: insufficient permissions\" >&2; fi; done; "
    "exec journalctl \"$@\"";

/// A field as text. journalctl writes bytes that are no UTF-8 as an array of numbers, what is too long as
/// null, and a field that an entry has several times as an array of these.
std::string text(const Json& field) {
  if (field.is_string()) return field.get<std::string>();
  if (!field.is_array() || field.empty()) return {};
  if (!field.front().is_number()) return text(field.front());
  std::string bytes;
  for (const auto& byte : field)
    if (byte.is_number_unsigned()) bytes += static_cast<char>(byte.get<std::uint64_t>() & 0xffU);
  return bytes;
}

std::string field(const Json& entry, const char* name) {
  const auto found = entry.find(name);
  return found == entry.end() ? std::string() : text(*found);
}

template<class Number>
std::optional<Number> number(const std::string& text) {
  Number value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

/// systemd's own messages name the unit that they are about.
std::string unit_of(const Json& entry) {
  for (const char* name : {"UNIT", "OBJECT_SYSTEMD_UNIT", "COREDUMP_UNIT", "_SYSTEMD_UNIT"})
    if (auto unit = field(entry, name); !unit.empty()) return unit;
  return {};
}

/// What a unit's processes say, and what root's say about it. `--unit` takes the latter from systemd's own
/// process alone, and so misses why a unit's process could not be made ready, where that one has ended before
/// journald looked whose it was.
void add_matches(std::vector<std::string>& command, std::span<const std::string> units) {
  for (const auto& unit : units)
    command.push_back("_SYSTEMD_UNIT=" + unit);
  for (const char* about : {"UNIT=", "OBJECT_SYSTEMD_UNIT=", "COREDUMP_UNIT="}) {
    command.insert(command.end(), {"+", "_UID=0"});
    for (const auto& unit : units)
      command.push_back(about + unit);
  }
}

} // namespace

std::vector<std::string> journal_command(std::span<const std::string> units, const JournalQuery& query) {
  if (units.empty()) throw std::invalid_argument("no units"); // journalctl would show everything
  std::vector<std::string> command{"env",        "LC_ALL=C",      "sh",         "-c", journal_script, "sh",
                                   "--no-pager", "--output=json", fields_wanted};
  command.push_back("--lines=" + (query.lines ? std::to_string(*query.lines) : "all"));
  if (query.since) // journalctl takes whole seconds
    command.push_back("--since=@" +
                      std::to_string(std::chrono::floor<std::chrono::seconds>(*query.since).count()));
  if (!query.after_cursor.empty()) command.push_back("--after-cursor=" + query.after_cursor);
  if (query.follow) command.emplace_back("--follow");
  add_matches(command, units);
  return command;
}

JournalEntry parse_journal_entry(std::string_view line) {
  const auto json = Json::parse(line, nullptr, false);
  if (!json.is_object())
    throw std::invalid_argument("no journal entry: '" + std::string(line.substr(0, 60)) + "'");
  JournalEntry entry;
  entry.cursor = field(json, "__CURSOR");
  const auto time = number<std::int64_t>(field(json, "__REALTIME_TIMESTAMP"));
  if (entry.cursor.empty() || !time) throw std::invalid_argument("a journal entry without cursor or time");
  entry.time = std::chrono::microseconds(*time);
  entry.unit = unit_of(json);
  entry.identifier = field(json, "SYSLOG_IDENTIFIER");
  entry.is_systemds = json.contains("UNIT");
  // Of a message of systemd's own, the latter is systemd's.
  entry.invocation_id = field(json, entry.is_systemds ? "INVOCATION_ID" : "_SYSTEMD_INVOCATION_ID");
  entry.pid = number<std::uint32_t>(field(json, "_PID"));
  entry.priority = number<int>(field(json, "PRIORITY")).value_or(entry.priority);
  const auto message = json.find("MESSAGE");
  entry.message = message != json.end() && message->is_null() ? "(a message too long to be shown)"
                                                              : field(json, "MESSAGE");
  return entry;
}

bool says_journal_is_closed(std::string_view error_output) {
  return error_output.find("not seeing messages from other users") != std::string_view::npos ||
         error_output.find("insufficient permissions") != std::string_view::npos;
}

} // namespace systemd_units
