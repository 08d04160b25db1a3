#include "controller/journal_reading.hpp"

#include "controller/failure.hpp"
#include "controller/privilege.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace controller {
namespace {

using systemd_units::JournalEntry;

void take_journal_line(std::string_view line, const std::function<void(const JournalEntry&)>& entry) {
  try {
    entry(systemd_units::parse_journal_entry(line));
  } catch (const std::invalid_argument& error) {
    throw HostError({FailureClass::internal, std::string("journalctl: ") + error.what(),
                     "does the login shell there print something? It must be silent for commands"});
  }
}

} // namespace

JournalReading::JournalReading(const config::Host& host, const systemd_units::JournalQuery& query,
                               const std::function<void(const JournalEntry&)>& entry,
                               std::function<bool()> cancelled)
    : host_(host), may_be_silent_(query.follow), cancelled_(std::move(cancelled)),
      lines_([entry](std::string_view line) { take_journal_line(line, entry); }) {}

void JournalReading::take(std::string_view piece) {
  answered_ = true;
  lines_.take(piece);
  heard_ = Clock::now();
}

bool JournalReading::must_end() {
  if (is_cancelled()) return true;
  silent_ =
      !may_be_silent_ && Clock::now() - heard_ >= std::chrono::duration<double>(host_.command_timeout_s);
  return silent_;
}

void JournalReading::ended(const ssh::CommandResult& result) const {
  if (systemd_units::says_journal_is_closed(result.error_output))
    throw HostError({FailureClass::privilege, "not all of its journal may be read",
                     "put the user into the group systemd-journal there"});
  if (is_cancelled()) return;
  if (silent_) {
    const auto seconds = std::to_string(static_cast<int>(host_.command_timeout_s)) + " s";
    throw HostError({FailureClass::timed_out,
                     answered_ ? "journalctl gave nothing more for " + seconds
                               : "journalctl gave no answer within " + seconds,
                     usual_hint(FailureClass::timed_out, host_.name)});
  }
  if (result.end != ssh::CommandResult::End::exited || result.exit_status != 0)
    throw HostError({FailureClass::internal, "journalctl failed: " + what_it_said(result), ""});
}

} // namespace controller
