#pragma once

#include "registry_core/store/sqlite.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace registry_core {

/// The store's SQLite file: batches of records in the order in which they were stored (`log`), a snapshot in
/// parts
/// (`snapshot`), and in `meta` which snapshot is in force, and behind which batch it needs the log.
///
/// Every batch and part carries a checksum (XXH3 of its bytes, its place as the seed), and so does `meta`. A
/// file of a later format is refused. One thread at a time.
class LogFile {
public:
  /// Opens the file or makes it where there is none. \throws StoreError, which names it and says what to do.
  LogFile(std::string path, bool full_durability);

  [[nodiscard]] const std::string& epoch() const noexcept { return meta_.epoch; }
  /// Every part of the snapshot, then every batch behind it. \throws StoreError where anything is damaged.
  void load(const std::function<void(std::string_view)>& take);

  // Of what is behind: SqliteError, and the file is as before.

  /// The number of the latest batch; 0: there is none.
  [[nodiscard]] std::int64_t last_batch() const noexcept { return last_batch_; }
  void append(std::string_view batch);

  /// Parts of a snapshot to come, then end_snapshot(), which puts it in force: it needs the log behind that
  /// batch.
  void begin_snapshot() noexcept;
  void add_part(std::string_view part);
  void end_snapshot(std::int64_t behind_batch);

  /// Removes a little of what no snapshot in force needs. \returns whether there is more.
  bool clear_some();
  /// Brings the write-ahead log into the file, and empties it.
  void checkpoint();

  [[nodiscard]] std::uint64_t log_bytes() const noexcept { return log_bytes_; } ///< behind the snapshot
  [[nodiscard]] std::uint64_t snapshot_bytes() const noexcept { return snapshot_bytes_; }
  [[nodiscard]] std::uint64_t unchecked_bytes() const noexcept {
    return wal_bytes_;
  } ///< of the write-ahead log

private:
  struct Meta {
    std::string epoch;
    std::int64_t generation = 0; ///< of the snapshot in force; 0: there is none
    std::int64_t parts = 0;
    std::int64_t behind_batch = 0;
    [[nodiscard]] std::int64_t checksum() const;
  };

  void make(bool full_durability) const;
  void open(bool full_durability);
  void check_kind();
  void read_meta();
  void load_snapshot(const std::function<void(std::string_view)>& take);
  void load_log(const std::function<void(std::string_view)>& take);
  static void write_meta(SqliteDatabase& database, const Meta& meta);
  [[noreturn]] void damaged(const std::string& how) const;

  std::string path_;
  std::unique_ptr<SqliteDatabase> database_;
  std::unique_ptr<SqliteStatement> append_, add_part_, clear_log_, clear_snapshot_;
  Meta meta_;
  std::int64_t last_batch_ = 0;
  std::int64_t next_part_ = 0;
  std::uint64_t log_bytes_ = 0, snapshot_bytes_ = 0, next_snapshot_bytes_ = 0, wal_bytes_ = 0;
};

} // namespace registry_core
