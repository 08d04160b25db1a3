#pragma once

#include "config/load.hpp"
#include "config/reader.hpp"

#include <vector>

namespace config {

/// Notes as faults with lines and columns, in the order of the text.
std::vector<Fault> placed(std::vector<Note> notes, const Lines& lines);

} // namespace config
