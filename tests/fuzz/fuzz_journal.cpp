// parse_journal_entry takes any bytes: an entry with a cursor, or it says that the line is none.

#include "systemd_units/journal.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto entry = systemd_units::parse_journal_entry({reinterpret_cast<const char*>(data), size});
    if (entry.cursor.empty()) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
