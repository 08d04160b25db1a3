#pragma once

#include <string>
#include <string_view>

namespace systemd_units {

// Text in a unit file, so that systemd reads it as it stands (systemd.syntax(7), systemd.unit(5) on
// specifiers, systemd.service(5) on command lines). Whatever is given, one line stays one line.

/// A setting that is taken as it stands but for specifiers, as Description.
std::string plain_words(std::string_view text);

/// One word of a list, in quotes, as of Environment.
std::string list_word(std::string_view text);

/// One argument of ExecStart, in quotes: as list_word(), and no variable is put in.
std::string exec_argument(std::string_view text);

} // namespace systemd_units
