#pragma once

#include "config/config.hpp"
#include "controller/line_splitter.hpp"
#include "controller/verdict.hpp"
#include "ssh/session.hpp"
#include "systemd_units/journal.hpp"

#include <functional>
#include <string_view>

namespace controller {

/// One journalctl of a host's, from its beginning to its end. It may take as long as it likes, but be silent
/// no longer than the host's command timeout; one that follows may be silent, too. The host outlives it.
class JournalReading {
public:
  /// \param entry is given what is read. \param cancelled may be empty.
  JournalReading(const config::Host& host, const systemd_units::JournalQuery& query,
                 const std::function<void(const systemd_units::JournalEntry&)>& entry,
                 std::function<bool()> cancelled);

  /// A piece of what it prints. \throws HostError where a line is no entry.
  void take(std::string_view piece);

  /// To be asked while it runs: true where it is cancelled or has been silent for too long.
  [[nodiscard]] bool must_end();

  /// Judges how it ended. \throws HostError unless all was read, or it was cancelled.
  void ended(const ssh::CommandResult& result) const;

private:
  [[nodiscard]] bool is_cancelled() const { return cancelled_ && cancelled_(); }

  const config::Host& host_;
  bool may_be_silent_;
  std::function<bool()> cancelled_;
  LineSplitter lines_;
  Clock::time_point heard_ = Clock::now();
  bool answered_ = false;
  bool silent_ = false;
};

} // namespace controller
