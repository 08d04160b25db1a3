#pragma once

#include <string>

namespace registry_core {

/// From the kernel; nobody can foresee them. \throws std::system_error.
unsigned random_number();
/// 64 bits in 16 hexadecimal digits.
std::string random_id();

} // namespace registry_core
