#include "controller/load_config.hpp"

#include "config/load.hpp"
#include "ssh/target.hpp"
#include "systemd_units/unit_name.hpp"

namespace controller {

config::Config parse_config(std::string_view text, const std::string& path) {
  config::Checks checks;
  checks.service_name = systemd_units::service_unit_name;
  checks.ssh_target = [](std::string_view text) { ssh::parse_target(text); };
  checks.jump_host = [](std::string_view text) { ssh::parse_jump_host(text); };
  return config::parse(text, path, checks);
}

config::Config load_config(const std::string& path) {
  return parse_config(config::read_file(path), path);
}

} // namespace controller
