#include "cli/log_lines.hpp"

#include "cli/table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace cli {
namespace {

using systemd_units::JournalEntry;

/// Colours that can be told apart on dark and light, red and yellow left for what they mean.
constexpr std::array<std::string_view, 5> colours_of_managers{"\x1b[36m", "\x1b[35m", "\x1b[34m", "\x1b[32m",
                                                              "\x1b[96m"};
constexpr int error_priority = 3;
constexpr int warning_priority = 4;

std::string with_fraction(const JournalEntry& entry, const char* format, bool utc,
                          const char* fraction_format, std::int64_t per_fraction) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(entry.time);
  const auto seconds = static_cast<std::time_t>(whole.count());
  std::tm parts{};
  utc ? ::gmtime_r(&seconds, &parts) : ::localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), format, &parts);
  const auto fraction = static_cast<long>((entry.time - whole).count() / per_fraction);
  std::snprintf(text.data() + length, text.size() - length, fraction_format, fraction);
  return text.data();
}

Tint tint(const JournalEntry& entry) {
  if (entry.priority <= error_priority) return Tint::bad;
  return entry.priority == warning_priority ? Tint::warning : Tint::plain;
}

std::string source(const JournalEntry& entry) {
  if (entry.identifier.empty()) return {};
  return harmless(entry.identifier) + (entry.pid ? "[" + std::to_string(*entry.pid) + "]" : "") + ": ";
}

} // namespace

LogLines::LogLines(std::span<const controller::Chosen> chosen, bool colours) : colours_(colours) {
  for (const auto& one : chosen) {
    number_.emplace(one.manager, number_.size());
    longest_ = std::max(longest_, one.manager->id.size());
  }
}

std::string LogLines::render(const controller::Chosen& chosen, const JournalEntry& entry) const {
  const auto& id = chosen.manager->id;
  std::string name = id + std::string(longest_ - id.size(), ' ');
  if (colours_)
    name = std::string(colours_of_managers[number_.at(chosen.manager) % colours_of_managers.size()]) + name +
           "\x1b[0m";
  constexpr std::int64_t us_per_ms = 1000;
  const auto head =
      with_fraction(entry, "%b %d %H:%M:%S", false, ".%03ld", us_per_ms) + "  " + name + "  " + source(entry);
  std::string text;
  std::string_view rest = entry.message;
  do {
    const auto end = std::min(rest.find('\n'), rest.size());
    text += head + painted(Cell(harmless(rest.substr(0, end)), tint(entry)), colours_) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } while (!rest.empty());
  return text;
}

Json log_json(const controller::Chosen& chosen, const JournalEntry& entry) {
  Json json;
  json["time"] = with_fraction(entry, "%Y-%m-%dT%H:%M:%S", true, ".%06ldZ", 1);
  json["manager_id"] = chosen.manager->id;
  json["host"] = chosen.host->name;
  json["unit"] = entry.unit;
  if (!entry.identifier.empty()) json["identifier"] = entry.identifier;
  if (entry.pid) json["pid"] = *entry.pid;
  json["priority"] = entry.priority;
  json["message"] = entry.message;
  return json;
}

} // namespace cli
