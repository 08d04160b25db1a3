#pragma once

#include "config/first_file.hpp"

#include <string>
#include <string_view>

namespace cli {

/// `HOST`, `HOST:PORT` or an endpoint, as an endpoint (port 5555 where none is said). Not checked.
std::string registry_endpoint(std::string_view answer);

/// Adds a manager said as `ID=SERVICE`. \throws std::invalid_argument where it is not said so.
void add_manager(config::FirstFile::Host& host, std::string_view said);

/// What is wrong with the file that would be made; empty where nothing is.
std::string problem_of(const config::FirstFile& file);

/// Asks what a first file needs, by lines on standard error that are answered on standard input, until the
/// answers make one without a problem. \throws std::runtime_error where the input ends before.
config::FirstFile ask_for_first_file();

} // namespace cli
