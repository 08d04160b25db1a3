#pragma once

#include "registry_core/changes.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace registry_core {

/// The store can't be used; the text names the file, says what is wrong with it, and what to do.
class StoreError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct StoreOptions {
  std::string data_dir; ///< created where it is missing (not its parents); the file in it is registry.db
  bool full_durability = false; ///< every commit is on the disk before it is said to be done
};

/// Keeps changes in one SQLite file: an append-only log of batches, and a snapshot that the log begins after.
/// Commits, checkpoints and compaction run on a thread of the store's own.
///
/// One thread uses an object of this class. Batches and the parts of a snapshot are records
/// (registry_core/store/record.hpp). At most one batch is under way at a time.
class Store {
public:
  /// Opens the file, or makes an empty one where there is none, and locks the directory. \throws StoreError:
  /// not a store, damaged, of a later version, not writable, locked by another registry (its pid is named).
  explicit Store(const StoreOptions& options);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Waits for the batch that is under way; nothing that was said to be stored is lost by any kind of end.
  ~Store();

  /// Of the state: given when the file was made.
  [[nodiscard]] const std::string& epoch() const noexcept;

  /// Hands out all that is stored, so that applying it in order gives the state. Once, before anything below.
  /// \throws StoreError where a checksum or a record is wrong: nothing of a damaged file is used.
  void load(const std::function<void(Change&&)>& take);

  /// Begins to store a batch. \pre none is under way.
  void append(std::string batch);

  /// What came of the batch.
  struct Result {
    bool stored = false;
    std::string error;               ///< where it is not: one line; the batch has left no trace
    std::chrono::nanoseconds took{}; ///< from append() until it was done
  };
  /// Of the batch that was under way, once. None: it still is, or there was none.
  std::optional<Result> take_result();
  /// Readable (poll) while a result waits to be taken.
  [[nodiscard]] int descriptor() const noexcept;

  /// Whether the log has grown so much that a snapshot pays. Cheap.
  [[nodiscard]] bool wants_snapshot() const noexcept;
  /// The parts that follow, and end_snapshot(), make a new snapshot. Each part is cut from the state as it is
  /// after the latest result that was taken; a later part may be of a later state. Batches may be appended
  /// meanwhile.
  void begin_snapshot();
  void add_to_snapshot(std::string records);
  void end_snapshot();
  /// Parts that wait to be written: add no more while there are several.
  [[nodiscard]] std::size_t unwritten_parts() const noexcept;

private:
  class State;
  std::unique_ptr<State> state_;
};

} // namespace registry_core
