#include "registry_core/glob.hpp"

#include <cstddef>
#include <optional>

namespace registry_core {

namespace {

/// The first character of a UTF-8 text that is not empty.
std::string_view first_character(std::string_view text) noexcept {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    ++length;
  return text.substr(0, length);
}

struct Set {
  bool contains = false;
  std::size_t length = 0; ///< of its spelling, brackets included
};

/// Byte order is the order of code points in UTF-8, so ranges compare as strings.
std::optional<Set> match_set(std::string_view pattern, std::string_view character) noexcept {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool contains = false;
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    const std::string_view low = first_character(pattern.substr(at));
    at += low.size();
    std::string_view high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = first_character(pattern.substr(at + 1));
      at += 1 + high.size();
    }
    contains = contains || (character >= low && character <= high);
  }
  if (at >= pattern.size()) return std::nullopt; // without its end, `[` stands for itself
  return Set{contains != negated, at + 1};
}

/// How much of the pattern the character takes, 0 where it does not fit. Neither is empty; `*` is none of its
/// business.
std::size_t match_one(std::string_view pattern, std::string_view character) noexcept {
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '[') {
    if (const auto set = match_set(pattern, character)) return set->contains ? set->length : 0;
  }
  const std::size_t escape = pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
  const std::string_view literal = first_character(pattern.substr(escape));
  return literal == character ? escape + literal.size() : 0;
}

} // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to try again: behind the latest `*`, which then takes one character more. Earlier ones need no
  // second chance.
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      taken = t;
      continue;
    }
    const std::string_view character = first_character(text.substr(t));
    const std::size_t fits = p < pattern.size() ? match_one(pattern.substr(p), character) : 0;
    if (fits != 0) {
      p += fits;
      t += character.size();
    } else if (star != std::string_view::npos) {
      taken += first_character(text.substr(taken)).size();
      t = taken;
      p = star;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

} // namespace registry_core
