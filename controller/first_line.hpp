#pragma once

#include <string>

namespace controller {

/// What a program said first, without spaces or a carriage return at its end.
inline std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
    line.pop_back();
  return line;
}

} // namespace controller
