// The readers of doctor's answers take any bytes: as many results as were asked for, or they say that it is
// no answer.

#include "controller/doctor_probes.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace {

namespace probes = controller::probes;

template<class Read>
void expect(std::size_t wanted, Read read) {
  try {
    if (read() != wanted) std::abort();
  } catch (const std::invalid_argument&) {
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t wanted = data[0] % 4;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  expect(wanted, [&] { return probes::read_who(text, wanted).rules.size(); });
  expect(wanted, [&] { return probes::read_needs(text, wanted).size(); });
  expect(wanted, [&] { return probes::read_presence(text, wanted).size(); });
  expect(wanted, [&] { return probes::read_reach(text, wanted).size(); });
  if (text != "none\n") expect(wanted, [&] { return probes::read_sudo(text, wanted).size(); });
  expect(1, [&] { return std::size_t{probes::read_clock(text).since_1970.count() < 0 ? 0U : 1U}; });
  (void)probes::tcp_address(text);
  return 0;
}
