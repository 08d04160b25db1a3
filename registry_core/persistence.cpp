#include "registry_core/persistence.hpp"

#include "registry_core/store/record.hpp"

namespace registry_core {

namespace {

constexpr std::size_t entries_a_slice = 250;
constexpr std::size_t most_unwritten_slices = 16;

} // namespace

void Persistence::restore(Registry& registry, const Now& now) {
  store_.load([&registry](Change&& change) { registry.restore(std::move(change)); });
  registry.restored(now);
}

std::optional<Store::Result> Persistence::take_result() {
  auto result = store_.take_result();
  if (result) failure_ = result->stored ? std::string() : result->error;
  return result;
}

bool Persistence::advance_snapshot(const Registry& registry, const Now& now) {
  if (!walk_) {
    if (!store_.wants_snapshot()) return false;
    store_.begin_snapshot();
    walk_.emplace();
  }
  if (store_.unwritten_parts() >= most_unwritten_slices) return false;
  std::string records;
  const bool more = registry.walk(*walk_, now, entries_a_slice,
                                  [&records](const Change& change) { append_record(records, change); });
  if (!records.empty()) store_.add_to_snapshot(std::move(records));
  if (more) return true;
  store_.end_snapshot();
  walk_.reset();
  return false;
}

} // namespace registry_core
