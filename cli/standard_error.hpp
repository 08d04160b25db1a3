#pragma once

#include <cstddef>
#include <string_view>

namespace cli {

/// Standard error, which whole lines share with at most one live line: one that stands without an end where
/// the next line will be, is replaced by the next and erased before anything else is written. Without escape
/// sequences: by carriage returns and blanks. Any thread, except where said; failures to write are nobody's
/// matter.

/// Writes the text and a line's end.
void write_error_line(std::string_view text);

/// Shows it in place of the one before. \param columns that it takes up at most.
void show_live_line(std::string_view text, std::size_t columns);

/// What is written next begins an empty line.
void erase_live_line();

/// For its life no live line is shown: somebody is asked something where it would stand.
class NoLiveLine {
public:
  NoLiveLine();
  NoLiveLine(const NoLiveLine&) = delete;
  NoLiveLine& operator=(const NoLiveLine&) = delete;
  ~NoLiveLine();
};

/// The same as erase_live_line() for a signal's handler.
void erase_live_line_in_handler() noexcept;

} // namespace cli
