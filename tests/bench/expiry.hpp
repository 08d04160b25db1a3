#pragma once

#include <string>

namespace bench {

/// So many managers fall silent for the timeout in the same instant, while a client goes on with lookups: the
/// longest round of the loop, the slowest lookup, and how many lookups said something wrong.
void measure_expiry(const std::string& program, int managers);

} // namespace bench
