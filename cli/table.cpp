#include "cli/table.hpp"

#include "cli/output.hpp"

#include <algorithm>
#include <string_view>

namespace cli {
namespace {

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view escape(Tint tint) {
  switch (tint) {
  case Tint::plain: return "";
  case Tint::good: return "\x1b[32m";
  case Tint::warning: return "\x1b[33m";
  case Tint::bad: return "\x1b[31m";
  case Tint::faint: return "\x1b[2m";
  }
  return "";
}

} // namespace

std::string painted(const Cell& cell, bool colours) {
  if (!colours || cell.tint == Tint::plain) return cell.text;
  return std::string(escape(cell.tint)) + cell.text + "\x1b[0m";
}

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

void Table::add(std::vector<Cell> row) {
  for (Cell& cell : row)
    cell.text = harmless(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::render(bool colours) const {
  std::vector<std::vector<Cell>> lines;
  auto& head = lines.emplace_back();
  for (const auto& heading : headings_)
    head.emplace_back(heading, Tint::faint);
  lines.insert(lines.end(), rows_.begin(), rows_.end());

  std::vector<std::size_t> widths(headings_.size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width(line[i].text));

  std::string text;
  for (const auto& line : lines) {
    std::size_t last = line.size();
    while (last > 1 && line[last - 1].text.empty())
      --last;
    for (std::size_t i = 0; i < last; ++i) {
      text += painted(line[i], colours);
      if (i + 1 < last) text.append(widths[i] - width(line[i].text) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

} // namespace cli
