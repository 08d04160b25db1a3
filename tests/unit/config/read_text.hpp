#pragma once

#include "config/load.hpp"
#include "ssh/target.hpp"
#include "systemd_units/unit_name.hpp"

#include <string>
#include <string_view>

namespace test {

/// As the program has them.
inline const config::Checks checks{.service_name = systemd_units::service_unit_name,
                                   .ssh_target = [](std::string_view text) { ssh::parse_target(text); },
                                   .jump_host = [](std::string_view text) { ssh::parse_jump_host(text); }};

/// All faults of a file `f` with this text, a line each; empty where it has none.
inline std::string faults(const std::string& text) {
  try {
    config::parse(text, "f", checks);
  } catch (const config::Error& error) {
    return error.what();
  }
  return "";
}

/// A file with manager M, which has these members.
inline std::string with_manager(const std::string& members) {
  return R"({"hosts": {"h": {"managers": {"M": {"service": "s", )" + members + "}}}}}";
}

} // namespace test
