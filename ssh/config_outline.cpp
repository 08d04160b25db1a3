#include "ssh/config_outline.hpp"

#include "ssh/pattern.hpp"

#include <algorithm>
#include <array>

namespace ssh {

namespace {

constexpr std::string_view blanks = " \t";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& byte : result) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return result;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
  });
}

/// Tokens here come into no setting that we take over.
bool tokens_are_harmless(std::string_view keyword) {
  constexpr std::array<std::string_view, 3> harmless{"controlpath", "localcommand", "remotecommand"};
  return std::find(harmless.begin(), harmless.end(), keyword) != harmless.end();
}

} // namespace

std::optional<ConfigOutline> ConfigOutline::of(std::span<const std::string> texts) {
  ConfigOutline outline;
  for (const auto& text : texts) {
    if (!outline.add(text)) return std::nullopt;
  }
  return outline;
}

bool ConfigOutline::add(std::string_view text) {
  // What stands before the first Host counts for every host; or for fewer, where the file is included by a
  // block.
  blocks_.push_back({{"*"}, false});
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (!add_line(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

bool ConfigOutline::add_line(std::string_view line) {
  const auto begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos || line[begin] == '#') return true;
  line.remove_prefix(begin);
  const bool control =
      std::any_of(line.begin(), line.end(), [](unsigned char byte) { return byte < ' ' && byte != '\t'; });
  const auto keyword_end = std::min(line.find_first_of(" \t="), line.size());
  const auto keyword = lower(line.substr(0, keyword_end));
  const auto value = line.substr(keyword_end);
  if (control || !is_word(keyword)) return false;
  if (keyword == "host") return begin_block(value);
  if (keyword == "match" || keyword.starts_with("canonical")) return false;
  if (keyword == "hostname") blocks_.back().renames = true;
  return value.find('%') == std::string_view::npos || tokens_are_harmless(keyword);
}

bool ConfigOutline::begin_block(std::string_view patterns) {
  if (patterns.find_first_of("=\"'\\#%") != std::string_view::npos) return false;
  Block block;
  for (;;) {
    const auto begin = patterns.find_first_not_of(blanks);
    if (begin == std::string_view::npos) break;
    patterns.remove_prefix(begin);
    const auto end = std::min(patterns.find_first_of(blanks), patterns.size());
    auto pattern = patterns.substr(0, end);
    patterns.remove_prefix(end);
    if (pattern.front() == '!') pattern.remove_prefix(1);
    block.patterns.emplace_back(pattern);
  }
  blocks_.push_back(std::move(block));
  return true;
}

std::optional<std::string> ConfigOutline::kind(std::string_view host) const {
  // An answer for each pattern, not for each Host: so it doesn't matter how they are joined, nor whether case
  // counts.
  std::string kind;
  for (const auto& block : blocks_) {
    bool meant = false;
    for (const auto& pattern : block.patterns) {
      const bool fits = fits_pattern(pattern, host);
      kind += fits ? '1' : '0';
      meant = meant || fits;
    }
    if (meant && block.renames) return std::nullopt;
  }
  return kind;
}

} // namespace ssh
