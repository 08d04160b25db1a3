#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace systemd_units {

/// One entry of a host's journal (systemd.journal-fields(7)).
struct JournalEntry {
  std::string cursor;               ///< its place in that host's journal
  std::chrono::microseconds time{}; ///< since 1970, the host's clock
  std::string unit;                 ///< whose it is, or which it is about
  std::string identifier;           ///< the program's name; may be empty
  std::optional<std::uint32_t> pid;
  std::string invocation_id; ///< the unit's life; empty where journald did not see it in time
  bool is_systemds = false;  ///< said about the unit, not by it: the life is then as sure as the message
  int priority = 6;          ///< as syslog has it: 3 and below are errors
  std::string message;       ///< any bytes
};

/// Which entries of some units are wanted. All that are given must fit.
struct JournalQuery {
  std::optional<std::size_t> lines;               ///< the last ones; absent: all
  std::optional<std::chrono::microseconds> since; ///< since 1970
  std::string after_cursor;                       ///< later than this entry; empty: any
  bool follow = false;                            ///< and those to come, without an end
};

/// The argument vector that prints them, oldest first, one JSON object a line, LC_ALL=C. Units are arguments
/// of the shell's, never part of its script. Where a journal of the system may not be read, standard error
/// says so.
std::vector<std::string> journal_command(std::span<const std::string> units, const JournalQuery& query);

/// Reads such a line. \throws std::invalid_argument where it is not one.
JournalEntry parse_journal_entry(std::string_view line);

/// True where journalctl's standard error says that not everything may be read.
bool says_journal_is_closed(std::string_view error_output);

} // namespace systemd_units
