#include "cli/progress_line.hpp"

#include "cli/output.hpp"

#include <algorithm>
#include <utility>

namespace cli {
namespace {

/// Columns that the text takes up at most: what is not ASCII may be wide.
std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    columns += byte < 0x80 ? 1 : byte >= 0xC0 ? 2 : 0;
  }
  return columns;
}

/// As much of the text, in whole characters, as has room.
std::string clipped(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t next = 0; next < text.size(); end = next) {
    do
      ++next;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80);
    if (columns_of(text.substr(0, next)) > columns) break;
  }
  return std::string(text.substr(0, end));
}

std::string seconds(ProgressLine::Clock::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

ProgressLine::ProgressLine(std::string verb, std::span<const config::Host* const> hosts,
                           Clock::time_point begun)
    : verb_(std::move(verb)), begun_(begun) {
  for (const auto* host : hosts)
    items_.push_back({host, nullptr, harmless(host->name)});
}

ProgressLine::ProgressLine(std::string verb, std::span<const controller::Chosen> chosen,
                           Clock::time_point begun)
    : verb_(std::move(verb)), begun_(begun) {
  for (const auto& one : chosen)
    items_.push_back({one.host, one.manager, harmless(one.host->name)});
}

void ProgressLine::take(const controller::ProgressStep& step, Clock::time_point now) {
  if (step.host == nullptr) {
    waits_for_ = step.waits_for;
    return;
  }
  for (auto& item : items_)
    if (item.host == step.host && !item.done && (step.manager == nullptr || step.manager == item.manager))
      set(item, step, now);
}

void ProgressLine::set(Item& item, const controller::ProgressStep& step, Clock::time_point now) const {
  item.done = step.waits_for.empty();
  item.label = harmless(step.manager == nullptr ? step.host->name : step.manager->id);
  if (item.waits_for == step.waits_for) return;
  item.waits_for = step.waits_for;
  item.since = now;
}

/// Longest first.
std::vector<std::string> ProgressLine::waits(Clock::time_point now) const {
  std::vector<const Item*> waiting;
  for (const auto& item : items_)
    if (!item.done && !item.waits_for.empty()) waiting.push_back(&item);
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const auto* one, const auto* other) { return one->since < other->since; });
  std::vector<std::string> texts;
  for (const auto* item : waiting) {
    auto text = item->label + ": " + item->waits_for + " " + seconds(now - item->since);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  }
  return texts;
}

ProgressLine::Text ProgressLine::text(Clock::time_point now, std::size_t columns) const {
  const auto done = std::count_if(items_.begin(), items_.end(), [](const Item& item) { return item.done; });
  auto text = verb_ + ": " + std::to_string(done) + " of " + std::to_string(items_.size()) + " done, " +
              seconds(now - begun_);
  if (static_cast<std::size_t>(done) == items_.size() && !waits_for_.empty()) text += "; " + waits_for_;
  const auto waiting = waits(now);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto left = waiting.size() - i - 1;
    const auto more = left == 0 ? "" : "; " + std::to_string(left) + " more";
    if (columns_of(text) + columns_of("; " + waiting[i] + more) > columns) {
      text += "; " + std::to_string(left + 1) + " more";
      break;
    }
    text += "; " + waiting[i];
  }
  text = clipped(text, columns);
  return {text, columns_of(text)};
}

} // namespace cli
