// Any bytes as a file of trusted clients: clients or faults with positions, and what is read can be written
// and read again.

#include "config/load.hpp"
#include "config/trusted_clients.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto clients = config::parse_clients(text, "file");
    if (config::parse_clients(config::text_of(clients), "file") != clients) std::abort();
  } catch (const config::Error& error) {
    if (error.faults().empty()) std::abort();
  }
  return 0;
}
