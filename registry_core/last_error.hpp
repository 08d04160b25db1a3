#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace registry_core {

/// What errno says now, for people.
inline std::string last_error() {
  return std::generic_category().message(errno);
}

} // namespace registry_core
