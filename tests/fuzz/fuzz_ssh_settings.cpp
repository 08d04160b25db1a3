#include "ssh/settings_dump.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

/// Whatever `ssh -G` prints becomes settings or an error, and our own configuration wins over all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view dump(reinterpret_cast<const char*>(data), size);
  ssh::SettingsQuery query{{"me", "server1", 22}, {}, false};
  const auto plain = ssh::settings_from_dump(query, dump);
  if (const auto* settings = std::get_if<ssh::Settings>(&plain)) {
    if (settings->user.empty() || settings->alias != "server1" || !settings->jumps.empty()) std::abort();
    if (settings->connect_timeout && settings->connect_timeout->count() <= 0) std::abort();
  } else if (std::get<ssh::Error>(plain).error_class() != ssh::ErrorClass::settings) {
    std::abort();
  }
  query.overrides = {"/ours/key", "/ours/hosts", "none"};
  query.through_a_jump = true;
  const auto ours = ssh::settings_from_dump(query, dump);
  if (const auto* settings = std::get_if<ssh::Settings>(&ours)) {
    const bool key = settings->identity_files.size() == 1 && settings->identity_files.front() == "/ours/key";
    const bool hosts = settings->user_known_hosts.size() == 1 && settings->global_known_hosts.empty();
    if (!key || !hosts || !settings->proxy_jump.empty() || !settings->proxy_command.empty()) std::abort();
  }
  return 0;
}
