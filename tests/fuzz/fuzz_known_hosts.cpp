#include "ssh/known_hosts.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Every line can be asked everything, and lies within the text in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t number = 0;
  for (const auto& line : ssh::known_hosts::parse(text)) {
    if (line.number <= number || line.names.empty() || line.base64.empty()) std::abort();
    number = line.number;
    const bool matched = ssh::known_hosts::matches(line, "server1");
    if (matched != ssh::known_hosts::matches(line, "SERVER1") && line.names.front() != '|') std::abort();
    (void)ssh::known_hosts::matches(line, "[server1]:2222");
    (void)ssh::known_hosts::has_wildcard(line);
    if (!ssh::known_hosts::same_key(line.base64, line.base64)) std::abort();
    (void)ssh::known_hosts::same_key(line.base64, "AAAAC3NzaC1lZDI1NTE5AAAA");
  }
  return 0;
}
