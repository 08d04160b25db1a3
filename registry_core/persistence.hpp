#pragma once

#include "registry_core/registry.hpp"
#include "registry_core/store/store.hpp"

#include <functional>
#include <optional>
#include <string>

namespace registry_core {

/// A registry's state in its store: what was kept comes back at the start, batches go there, and snapshots
/// are cut from the state a slice at a time. One thread.
class Persistence {
public:
  /// \throws StoreError.
  explicit Persistence(const StoreOptions& options) : store_(options) {}

  [[nodiscard]] const std::string& epoch() const noexcept { return store_.epoch(); }
  /// Puts all that is stored back. Once, first. \throws StoreError.
  void restore(Registry& registry, const Now& now);

  void append(std::string batch) { store_.append(std::move(batch)); }
  /// What came of the batch under way, if it is done.
  std::optional<Store::Result> take_result();
  [[nodiscard]] int descriptor() const noexcept { return store_.descriptor(); }

  /// Once a round: goes on with a snapshot, or begins one where that pays. A slice takes a fraction of a
  /// millisecond. \returns whether it can go on at once.
  bool advance_snapshot(const Registry& registry, const Now& now);

  /// Of the latest batch; empty: it was stored.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
  Store store_;
  std::optional<Registry::Walk> walk_;
  std::string failure_;
};

} // namespace registry_core
