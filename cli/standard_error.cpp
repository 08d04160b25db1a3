#include "cli/standard_error.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <string>

namespace cli {
namespace {

constexpr std::size_t most_columns = 512;

std::mutex writing;
int questions = 0;                         ///< NoLiveLine; under the mutex
std::atomic<std::size_t> live_columns = 0; ///< that are written on; changed under the mutex, and in handlers

void write_all(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// What erases the live line; empty: there is none.
std::string erasing() {
  const auto columns = live_columns.exchange(0);
  return columns == 0 ? "" : "\r" + std::string(columns, ' ') + "\r";
}

} // namespace

void write_error_line(std::string_view text) {
  const std::lock_guard lock(writing);
  write_all(erasing().append(text) + "\n");
}

void show_live_line(std::string_view text, std::size_t columns) {
  columns = std::min(columns, most_columns);
  const std::lock_guard lock(writing);
  if (questions > 0) return;
  const auto before = live_columns.exchange(columns);
  std::string shown = "\r" + std::string(text);
  if (before > columns) shown.append(before - columns, ' '); // over the rest of what stood there
  write_all(shown);
}

void erase_live_line() {
  if (live_columns == 0) return;
  const std::lock_guard lock(writing);
  write_all(erasing());
}

NoLiveLine::NoLiveLine() {
  const std::lock_guard lock(writing);
  ++questions;
  write_all(erasing());
}

NoLiveLine::~NoLiveLine() {
  const std::lock_guard lock(writing);
  --questions;
}

void erase_live_line_in_handler() noexcept {
  static constexpr auto blanks = [] {
    std::array<char, most_columns> array{};
    for (auto& character : array)
      character = ' ';
    return array;
  }();
  const auto columns = live_columns.exchange(0);
  if (columns == 0) return;
  write_all("\r");
  write_all({blanks.data(), columns});
  write_all("\r");
}

} // namespace cli
