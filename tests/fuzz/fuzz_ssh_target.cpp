#include "ssh/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

/// Whatever is accepted can't be taken for an option, and means the same when it is written out again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssh::Target target;
  try {
    target = ssh::parse_target({reinterpret_cast<const char*>(data), size});
  } catch (const std::invalid_argument&) {
    return 0;
  }
  if (target.host.empty() || target.host.front() == '-') std::abort();
  if (target.user && (target.user->empty() || target.user->front() == '-')) std::abort();
  auto text = target.user ? *target.user + "@" : std::string();
  text += "[" + target.host + "]";
  if (target.port) text += ":" + std::to_string(*target.port);
  const auto again = ssh::parse_target(text);
  if (again.user != target.user || again.host != target.host || again.port != target.port) std::abort();
  return 0;
}
