#pragma once

#include <cstddef>
#include <string>

namespace cli {

/// `1 host`, `3 hosts`.
inline std::string counted(std::size_t number, const std::string& word) {
  return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
}

} // namespace cli
