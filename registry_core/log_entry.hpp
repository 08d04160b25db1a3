#pragma once

#include <cstdint>
#include <string>

namespace registry_core {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A line for the log, and what it is about for those who search it. Texts of peers stand in it as they came.
struct LogEntry {
  LogLevel level = LogLevel::info;
  std::string text;       ///< without its end
  std::string event = {}; ///< a word, as in docs/protocol.md's events; empty where it is none
  std::string manager_id = {}, actor_name = {}; ///< empty where it is about none
};

} // namespace registry_core
