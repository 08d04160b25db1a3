#pragma once

#include "cli/output.hpp"
#include "controller/logs.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace cli {

/// Renders journal entries, each line with its manager's name in front, a colour a manager.
class LogLines {
public:
  LogLines(std::span<const controller::Chosen> chosen, bool colours);

  /// `Nov 24 16:05:11.123  OrderProcessor  sample_manager[812]: TEXT`, times in this machine's zone; what a
  /// message has in further lines stands in lines of their own.
  [[nodiscard]] std::string render(const controller::Chosen& chosen,
                                   const systemd_units::JournalEntry& entry) const;

private:
  std::map<const config::Manager*, std::size_t> number_;
  std::size_t longest_ = 0;
  bool colours_;
};

/// `{"time": "2026-…Z", "manager_id": …, "host": …, "unit": …, "priority": …, "message": …}`
Json log_json(const controller::Chosen& chosen, const systemd_units::JournalEntry& entry);

} // namespace cli
