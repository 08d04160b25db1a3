#pragma once

#include "cli/log_limiter.hpp"
#include "registry_core/log_entry.hpp"

#include <string>

namespace cli {

/// Where the registry's log goes: to the journal with fields of its own (ACTORS_EVENT, ACTORS_MANAGER,
/// ACTORS_ACTOR) where standard error leads there (systemd.exec(5), $JOURNAL_STREAM), else to standard error
/// as lines. One thread.
class ServeLog {
public:
  explicit ServeLog(bool verbose);

  /// What a peer can cause; beyond LogLimiter's measure it is left out and counted, errors too: a disk that
  /// is nearly full fails and works in turns.
  void write(const registry_core::LogEntry& entry);
  /// What the program itself says; always written.
  void info(const std::string& text);
  void warning(const std::string& text);
  void error(const std::string& text);
  /// Says what was left out, where it is time. Often.
  void tick();
  /// The same of all that was left out, at the end.
  void finish();

private:
  void say_left_out(bool all);
  void put(const registry_core::LogEntry& entry) const;

  bool verbose_;
  bool to_journal_;
  LogLimiter limiter_;
};

} // namespace cli
