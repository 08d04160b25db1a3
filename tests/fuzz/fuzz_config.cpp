// config::parse takes any bytes: it gives a configuration or faults with a position inside the text.

#include "config/load.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto last_line = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  try {
    config::parse(text, "file");
  } catch (const config::Error& error) {
    const auto& faults = error.faults();
    const bool ordered = std::is_sorted(faults.begin(), faults.end(), [](const auto& a, const auto& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (faults.empty() || !ordered) std::abort();
    for (const auto& fault : faults)
      if (fault.line < 1 || fault.line > last_line || fault.column < 1 || fault.column > size + 1)
        std::abort();
  }
  return 0;
}
