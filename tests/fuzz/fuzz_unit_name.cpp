// Whatever service_unit_name lets through is one word to a shell but for backslashes, no option, and stays as
// it is when it is read again.

#include "systemd_units/unit_name.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto name = systemd_units::service_unit_name({reinterpret_cast<const char*>(data), size});
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
    if (name.empty() || name.size() > 255 || name.front() == '-' || !name.ends_with(".service")) std::abort();
    if (name.find_first_not_of(allowed) != std::string::npos) std::abort();
    if (systemd_units::service_unit_name(name) != name) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
