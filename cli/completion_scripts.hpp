#pragma once

#include <string>

namespace cli {

/// What that shell (bash, zsh or fish) is to read at its start. It asks `actorsctl complete -- WORD...` which
/// answers a line each, `WORD<TAB>ABOUT`, and `:files` or `:folders` where names of files may stand.
std::string completion_script(const std::string& shell);

} // namespace cli
