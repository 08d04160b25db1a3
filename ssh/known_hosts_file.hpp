#pragma once

#include <string>

/// known_hosts files on the disk.
namespace ssh::known_hosts {

/// The whole file; empty where there is none. \throws Error (class settings) where it can't be read.
std::string read_file(const std::string& path);

/// Appends a line (given without its end), making file (0600) and folder (0700) where absent.
/// \throws std::system_error.
void append_line(const std::string& path, const std::string& line);

/// Takes `name` off every line that has another key than `base64` for it, and a line off the file with its
/// last name. Lines with a marker or a wildcard stay. The file is replaced in one step, where a symbolic link
/// leads; it is left alone where nothing changes. \throws Error (class settings) or std::system_error.
void remove_other_keys(const std::string& path, const std::string& name, const std::string& base64);

} // namespace ssh::known_hosts
