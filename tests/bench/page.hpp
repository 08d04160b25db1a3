#pragma once

#include <string>

namespace bench {

/// A value on a registry's metrics page.
/// \param address `HOST:PORT`, both in digits, IPv4.
/// \param sample its name, and its labels as they are written.
/// \throws std::runtime_error where there is no such page or value.
double on_page(const std::string& address, const std::string& sample);

} // namespace bench
