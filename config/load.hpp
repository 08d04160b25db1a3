#pragma once

#include "config/config.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// One fault of a file. Line and column count from 1 (column in bytes).
struct Fault {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string key;     ///< the key's path, `hosts.server1.managers.M.service`; empty for the document
  std::string message; ///< what was expected, and the nearest known key where one is near
};

/// The file is wrong; it is refused whole.
class Error : public std::runtime_error {
public:
  Error(std::string path, std::vector<Fault> faults);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::vector<Fault>& faults() const noexcept { return faults_; } ///< all, by position

private:
  std::string path_;
  std::vector<Fault> faults_;
};

/// Rules that other folders own; each throws std::invalid_argument saying what is wrong with a value. Empty:
/// no check.
struct Checks {
  std::function<std::string(std::string_view)> service_name; ///< gives the full unit name
  std::function<void(std::string_view)> ssh_target;
  std::function<void(std::string_view)> jump_host;
};

/// Parses a configuration. `path` is only named in errors. \throws Error with every fault.
Config parse(std::string_view text, const std::string& path, const Checks& checks = {});

/// What a file holds, up to what a document may have at most. \throws std::system_error where it can't be
/// read.
std::string read_file(const std::string& path);

/// Reads and parses a file. \throws Error, or std::system_error where it can't be read.
Config load(const std::string& path, const Checks& checks = {});

/// `FILE:LINE:COLUMN: KEY: MESSAGE`
std::string to_string(const std::string& path, const Fault& fault);

} // namespace config
