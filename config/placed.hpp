#pragma once

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/reader.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace config {

/// Notes as faults with lines and columns, in the order of the text.
std::vector<Fault> placed(std::vector<Note> notes, const Lines& lines);

/// read_document(), of a file. \throws Error where it is none.
Node document_of(const std::string& path, std::string_view text, const Lines& lines);

} // namespace config
