// parse_units_reading takes any bytes: it gives as many units as were asked for, or says that the text is
// none.

#include "systemd_units/unit_state.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t expected = data[0] % 4;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const auto reading = systemd_units::parse_units_reading(text, expected);
    if (reading.units.size() != expected || reading.now.count() < 0) std::abort();
    for (const auto& unit : reading.units)
      systemd_units::describe_failure(unit);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
