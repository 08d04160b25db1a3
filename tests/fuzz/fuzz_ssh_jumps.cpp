#include "ssh/jump_chain.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// The hops, or none where the text is refused.
std::vector<ssh::SettingsQuery> hops_of(std::string_view text) {
  try {
    return ssh::parse_jumps(text);
  } catch (const ssh::Error& error) {
    if (error.error_class() != ssh::ErrorClass::settings) std::abort();
    return {};
  }
}

} // namespace

/// Every hop that is accepted can't be taken for an option, and all mean the same when they are written out
/// again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto hops = hops_of({reinterpret_cast<const char*>(data), size});
  std::string text;
  for (const auto& hop : hops) {
    const auto& target = hop.target;
    if (target.host.empty() || target.host.front() == '-') std::abort();
    text += std::string(text.empty() ? "ssh://" : ",ssh://") + // a user may begin like it
            (target.user ? *target.user + "@" : std::string()) + "[" + target.host + "]";
    if (target.port) text += ":" + std::to_string(*target.port);
  }
  const auto again = hops.empty() ? hops : hops_of(text);
  if (again.size() != hops.size()) std::abort();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const auto &one = hops[i].target, &other = again[i].target;
    if (one.user != other.user || one.host != other.host || one.port != other.port) std::abort();
    if (hops[i].through_a_jump != (i > 0)) std::abort();
  }
  return 0;
}
