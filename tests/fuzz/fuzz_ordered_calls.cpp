// parse_ordered_calls takes any bytes: it gives as many calls as were asked for, and knows nothing of one
// that was not made.

#include "systemd_units/ordered_calls.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t expected = data[0] % 12;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto calls = systemd_units::parse_ordered_calls(text, expected);
  if (calls.size() != expected) std::abort();
  for (const auto& call : calls) {
    if (!call.was_made && (call.was_queued || call.exit_status || !call.words.empty())) std::abort();
    if (call.was_refused() && (call.was_queued || call.exit_status == 0)) std::abort();
  }
  return 0;
}
