#include "cli/serve_log.hpp"

#include "cli/output.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <vector>

#define SD_JOURNAL_SUPPRESS_LOCATION // a line of this file says nothing about the registry
#include <systemd/sd-journal.h>

namespace cli {

namespace {

using registry_core::LogEntry;
using registry_core::LogLevel;

/// `DEVICE:INODE` of the journal's stream is in the environment; a descriptor that leads elsewhere is none of
/// it.
bool stderr_is_the_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe)
  struct stat status {};
  if (stream == nullptr || ::fstat(2, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

int priority(LogLevel level) {
  switch (level) {
  case LogLevel::debug: return LOG_DEBUG;
  case LogLevel::info: return LOG_INFO;
  case LogLevel::warning: return LOG_WARNING;
  case LogLevel::error: return LOG_ERR;
  }
  return LOG_INFO;
}

/// \returns false where the journal does not take it.
bool send_to_journal(const LogEntry& entry) {
  std::vector<std::string> fields = {"MESSAGE=" + harmless(entry.text),
                                     "PRIORITY=" + std::to_string(priority(entry.level)),
                                     "SYSLOG_IDENTIFIER=actorsctl"};
  if (!entry.event.empty()) fields.push_back("ACTORS_EVENT=" + entry.event);
  if (!entry.manager_id.empty()) fields.push_back("ACTORS_MANAGER=" + entry.manager_id);
  if (!entry.actor_name.empty()) fields.push_back("ACTORS_ACTOR=" + entry.actor_name);
  std::vector<iovec> parts;
  for (std::string& field : fields)
    parts.push_back({field.data(), field.size()});
  return ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) >= 0;
}

} // namespace

ServeLog::ServeLog(bool verbose) : verbose_(verbose), to_journal_(stderr_is_the_journal()) {}

void ServeLog::put(const LogEntry& entry) const {
  if (to_journal_ && send_to_journal(entry)) return;
  const auto text = "actorsctl: " + harmless(entry.text) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void ServeLog::write(const LogEntry& entry) {
  if (entry.level == LogLevel::debug && !verbose_) return;
  const std::string kind = entry.event.empty() ? entry.text : entry.event;
  if (limiter_.admits(kind, LogLimiter::Clock::now())) put(entry);
}

void ServeLog::info(const std::string& text) {
  put({LogLevel::info, text});
}
void ServeLog::warning(const std::string& text) {
  put({LogLevel::warning, text});
}
void ServeLog::error(const std::string& text) {
  put({LogLevel::error, text});
}

void ServeLog::say_left_out(bool all) {
  for (const auto& [kind, count] : limiter_.report(LogLimiter::Clock::now(), all))
    warning(std::to_string(count) + " more messages like '" + kind + "' were left out");
}

void ServeLog::tick() {
  say_left_out(false);
}
void ServeLog::finish() {
  say_left_out(true);
}

} // namespace cli
