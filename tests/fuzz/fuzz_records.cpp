// A store's records: whatever the bytes are, they are changes or a RecordError, and changes come back as they
// were.

#include "registry_core/store/record.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace registry_core;
  const auto read = [](std::string_view bytes, std::vector<Change>& changes) {
    RecordReader reader(bytes);
    while (auto change = reader.next())
      changes.push_back(std::move(*change));
  };
  std::vector<Change> changes;
  try {
    read({reinterpret_cast<const char*>(data), size}, changes);
  } catch (const RecordError&) {
    // What came before the fault is good all the same.
  }
  std::string bytes;
  for (const Change& change : changes)
    append_record(bytes, change);
  std::vector<Change> again;
  read(bytes, again);
  if (again != changes) std::abort();
  return 0;
}
