#pragma once

#include "ssh/error.hpp"

#include <string_view>

namespace test {

/// Whether this stands in the error's text.
inline bool says(const ssh::Error& error, std::string_view text) {
  return std::string_view(error.what()).find(text) != std::string_view::npos;
}

} // namespace test
