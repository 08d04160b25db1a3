#pragma once

#include <string>
#include <vector>

namespace cli {

/// How a cell looks on a terminal.
enum class Tint { plain, good, warning, bad, faint };

struct Cell {
  Cell(std::string words) : text(std::move(words)) {}
  Cell(const char* words) : text(words) {}
  Cell(std::string words, Tint look) : text(std::move(words)), tint(look) {}

  std::string text;
  Tint tint = Tint::plain;
};

/// The cell's text, with its colour where colours are wanted.
std::string painted(const Cell& cell, bool colours);

/// Rows under headings, columns aligned by spaces (in code points), the last one never padded. Cells are
/// shown as harmless() has them.
class Table {
public:
  explicit Table(std::vector<std::string> headings);
  void add(std::vector<Cell> row);
  [[nodiscard]] std::string render(bool colours) const;

private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

} // namespace cli
