#include "controller/unified_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace controller {
namespace {

constexpr std::size_t around = 3;
/// Beyond it nobody reads what stayed: all is shown as replaced.
constexpr std::size_t most_compared = 4'000'000;

using Lines = std::vector<std::string_view>;

/// Each with its line's end, if it has one.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// One line of the result: of both, only before, or only after.
struct Step {
  char sign; ///< ' ', '-', '+'
  std::string_view line;
};

/// The steps of what is left when equal beginnings and ends are taken away: along a longest common
/// subsequence.
void compare(const Lines& a, const Lines& b, std::vector<Step>& steps) {
  const auto width = b.size() + 1;
  if ((a.size() + 1) * width > most_compared) {
    for (const auto line : a)
      steps.push_back({'-', line});
    for (const auto line : b)
      steps.push_back({'+', line});
    return;
  }
  std::vector<std::uint32_t> common((a.size() + 1) * width); // of a from i and b from j on
  for (auto i = a.size(); i-- > 0;)
    for (auto j = b.size(); j-- > 0;)
      common[i * width + j] = a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                                           : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      steps.push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() || (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      steps.push_back({'-', a[i++]});
    } else {
      steps.push_back({'+', b[j++]});
    }
  }
}

std::vector<Step> steps_between(const Lines& a, const Lines& b) {
  const auto shorter = std::min(a.size(), b.size());
  std::size_t first = 0;
  while (first < shorter && a[first] == b[first])
    ++first;
  std::size_t last = 0;
  while (last < shorter - first && a[a.size() - 1 - last] == b[b.size() - 1 - last])
    ++last;
  std::vector<Step> steps;
  for (std::size_t i = 0; i < first; ++i)
    steps.push_back({' ', a[i]});
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(first),
                 lines.end() - static_cast<std::ptrdiff_t>(last));
  };
  compare(middle(a), middle(b), steps);
  for (auto i = a.size() - last; i < a.size(); ++i)
    steps.push_back({' ', a[i]});
  return steps;
}

/// `START,COUNT` of one side; the line before where there is none.
std::string range(std::size_t before, std::size_t count) {
  const auto start = count == 0 ? before : before + 1;
  return std::to_string(start) + (count == 1 ? "" : "," + std::to_string(count));
}

std::string hunk(const std::vector<Step>& steps, std::size_t from, std::size_t to) {
  const auto count = [&](std::size_t begin, std::size_t end, char other) {
    return static_cast<std::size_t>(std::count_if(steps.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  steps.begin() + static_cast<std::ptrdiff_t>(end),
                                                  [&](const Step& step) { return step.sign != other; }));
  };
  std::string text = "@@ -" + range(count(0, from, '+'), count(from, to, '+')) + " +" +
                     range(count(0, from, '-'), count(from, to, '-')) + " @@\n";
  for (auto i = from; i < to; ++i) {
    text += steps[i].sign;
    text += steps[i].line;
    if (!steps[i].line.ends_with('\n')) text += "\n\\ No newline at end of file\n";
  }
  return text;
}

} // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name) {
  if (before == after) return {};
  const auto steps = steps_between(lines_of(before), lines_of(after));
  std::string text = "--- " + std::string(before_name) + "\n+++ " + std::string(after_name) + "\n";
  for (std::size_t i = 0; i < steps.size();) {
    if (steps[i].sign == ' ') {
      ++i;
      continue;
    }
    const auto from = i - std::min(i, around);
    auto last = i; // the last change that is at most twice `around` behind another
    for (auto next = i; next < steps.size() && next <= last + 2 * around + 1; ++next)
      if (steps[next].sign != ' ') last = next;
    const auto to = std::min(last + 1 + around, steps.size());
    text += hunk(steps, from, to);
    i = to;
  }
  return text;
}

} // namespace controller
