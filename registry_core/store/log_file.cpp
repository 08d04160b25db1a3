#include "registry_core/store/log_file.hpp"

#include "registry_core/last_error.hpp"
#include "registry_core/random.hpp"
#include "registry_core/store/store.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

namespace registry_core {

namespace {

constexpr std::int64_t application_id = 0x41437267; // "ACrg"
constexpr std::int64_t format_version = 1;
constexpr std::uint64_t page_size = 4096;

/// The place goes into the seed, so that a row that stands elsewhere is noticed as well.
std::int64_t checksum_of(std::string_view bytes, std::int64_t place) {
  return static_cast<std::int64_t>(
      XXH3_64bits_withSeed(bytes.data(), bytes.size(), static_cast<XXH64_hash_t>(place)));
}

std::int64_t place_of_part(std::int64_t generation, std::int64_t part) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(generation) << 32 |
                                   static_cast<std::uint64_t>(part));
}

void configure(SqliteDatabase& database, bool full_durability) {
  database.execute("PRAGMA journal_mode = WAL");
  database.execute(full_durability ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  // What is in memory already needs no large cache; checkpoints are made where they disturb nobody.
  database.execute("PRAGMA cache_size = -1024");
  database.execute("PRAGMA wal_autocheckpoint = 0");
  sqlite3_busy_timeout(database.handle(), 1000);
}

void remove_with_companions(const std::string& path) {
  for (const char* companion : {"", "-wal", "-shm", "-journal"})
    ::unlink((path + companion).c_str());
}

} // namespace

std::int64_t LogFile::Meta::checksum() const {
  const std::string text = epoch + ":" + std::to_string(generation) + ":" + std::to_string(parts) + ":" +
                           std::to_string(behind_batch);
  return checksum_of(text, format_version);
}

LogFile::LogFile(std::string path, bool full_durability) : path_(std::move(path)) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) {
    if (errno != ENOENT) throw StoreError(path_ + ": " + last_error());
    make(full_durability);
  }
  open(full_durability);
}

void LogFile::damaged(const std::string& how) const {
  throw StoreError(
      path_ + ": damaged: " + how +
      "; nothing of it is used: put a copy back, or move it away to begin with an empty registry");
}

/// Under another name, so that a file is either whole or not there.
void LogFile::make(bool full_durability) const {
  const std::string unfinished = path_ + ".new";
  remove_with_companions(unfinished);
  const int descriptor = ::open(unfinished.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) throw StoreError(unfinished + ": can't be made: " + last_error());
  ::close(descriptor);
  try {
    SqliteDatabase database(unfinished);
    configure(database, full_durability);
    SqliteTransaction transaction(database);
    database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    database.execute(("PRAGMA user_version = " + std::to_string(format_version)).c_str());
    database.execute(
        "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT, generation INTEGER, "
        "parts INTEGER, behind_batch INTEGER, checksum INTEGER)");
    database.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, checksum INTEGER, records BLOB)");
    database.execute("CREATE TABLE snapshot (place INTEGER PRIMARY KEY, checksum INTEGER, records BLOB)");
    Meta meta;
    meta.epoch = random_id();
    write_meta(database, meta);
    transaction.commit();
  } catch (const SqliteError& error) {
    remove_with_companions(unfinished);
    throw StoreError(unfinished + ": can't be made: " + error.what());
  }
  if (::rename(unfinished.c_str(), path_.c_str()) != 0)
    throw StoreError(path_ + ": can't be made: " + last_error());
}

void LogFile::open(bool full_durability) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && status.st_size == 0) damaged("it is empty");
  try {
    database_ = std::make_unique<SqliteDatabase>(path_);
    if (sqlite3_db_readonly(database_->handle(), "main") == 1) throw StoreError(path_ + ": can't be written");
    check_kind();
    configure(*database_, full_durability);
    read_meta();
    append_ = std::make_unique<SqliteStatement>(*database_, "INSERT INTO log VALUES (?1, ?2, ?3)");
    add_part_ =
        std::make_unique<SqliteStatement>(*database_, "INSERT OR REPLACE INTO snapshot VALUES (?1, ?2, ?3)");
    clear_log_ = std::make_unique<SqliteStatement>(
        *database_, "DELETE FROM log WHERE id IN (SELECT id FROM log WHERE id <= ?1 ORDER BY id LIMIT 64)");
    clear_snapshot_ = std::make_unique<SqliteStatement>(
        *database_,
        "DELETE FROM snapshot WHERE place IN (SELECT place FROM snapshot WHERE place < ?1 OR place >= ?2 "
        "LIMIT 8)");
  } catch (const SqliteError& error) {
    if (error.is_damage()) damaged(error.what());
    throw StoreError(path_ + ": can't be used: " + error.what());
  }
}

void LogFile::check_kind() {
  if (database_->number("PRAGMA application_id") != application_id)
    throw StoreError(path_ + ": not the store of a registry; name another data_dir");
  const std::int64_t version = database_->number("PRAGMA user_version");
  if (version == format_version) return;
  throw StoreError(path_ + ": of format " + std::to_string(version) + ", and this version knows format " +
                   std::to_string(format_version) + ": it was written by another version of actorsctl");
}

void LogFile::read_meta() {
  SqliteStatement select(*database_, "SELECT epoch, generation, parts, behind_batch, checksum FROM meta");
  if (!select.step()) damaged("it does not say what it holds");
  meta_ = {std::string(select.bytes(0)), select.number(1), select.number(2), select.number(3)};
  if (select.number(4) != meta_.checksum()) damaged("a checksum is wrong (meta)");
  last_batch_ = meta_.behind_batch;
}

void LogFile::write_meta(SqliteDatabase& database, const Meta& meta) {
  SqliteStatement(database, "INSERT OR REPLACE INTO meta VALUES (1, CAST(?1 AS TEXT), ?2, ?3, ?4, ?5)")
      .bind(1, meta.epoch)
      .bind(2, meta.generation)
      .bind(3, meta.parts)
      .bind(4, meta.behind_batch)
      .bind(5, meta.checksum())
      .run();
}

void LogFile::load(const std::function<void(std::string_view)>& take) {
  try {
    load_snapshot(take);
    load_log(take);
  } catch (const SqliteError& error) {
    if (error.is_damage()) damaged(error.what());
    throw StoreError(path_ + ": can't be read: " + error.what());
  }
}

void LogFile::load_snapshot(const std::function<void(std::string_view)>& take) {
  SqliteStatement select(
      *database_,
      "SELECT place, checksum, records FROM snapshot WHERE place >= ?1 AND place < ?2 ORDER BY place");
  select.bind(1, place_of_part(meta_.generation, 0)).bind(2, place_of_part(meta_.generation, meta_.parts));
  std::int64_t parts = 0;
  for (; select.step(); ++parts) {
    const std::int64_t place = place_of_part(meta_.generation, parts);
    const auto records = select.bytes(2);
    if (select.number(0) != place) damaged("a part of the snapshot is missing");
    if (select.number(1) != checksum_of(records, place)) damaged("a checksum is wrong (snapshot)");
    snapshot_bytes_ += records.size();
    take(records);
  }
  if (parts != meta_.parts) damaged("a part of the snapshot is missing");
}

void LogFile::load_log(const std::function<void(std::string_view)>& take) {
  SqliteStatement select(*database_, "SELECT id, checksum, records FROM log WHERE id > ?1 ORDER BY id");
  select.bind(1, meta_.behind_batch);
  while (select.step()) {
    const std::int64_t id = last_batch_ + 1;
    const auto records = select.bytes(2);
    if (select.number(0) != id) damaged("batch " + std::to_string(id) + " of the log is missing");
    if (select.number(1) != checksum_of(records, id)) damaged("a checksum is wrong (log)");
    log_bytes_ += records.size();
    last_batch_ = id;
    take(records);
  }
}

void LogFile::append(std::string_view batch) {
  const std::int64_t id = last_batch_ + 1;
  append_->bind(1, id).bind(2, checksum_of(batch, id)).bind(3, batch).run();
  last_batch_ = id;
  log_bytes_ += batch.size();
  wal_bytes_ += batch.size() + page_size;
}

void LogFile::begin_snapshot() noexcept {
  next_part_ = 0;
  next_snapshot_bytes_ = 0;
}

void LogFile::add_part(std::string_view part) {
  const std::int64_t place = place_of_part(meta_.generation + 1, next_part_);
  add_part_->bind(1, place).bind(2, checksum_of(part, place)).bind(3, part).run();
  ++next_part_;
  next_snapshot_bytes_ += part.size();
  wal_bytes_ += part.size() + page_size;
}

void LogFile::end_snapshot(std::int64_t behind_batch) {
  const std::int64_t logged = database_->number(
      ("SELECT coalesce(sum(length(records)), 0) FROM log WHERE id > " + std::to_string(behind_batch))
          .c_str());
  const Meta next{meta_.epoch, meta_.generation + 1, next_part_, behind_batch};
  write_meta(*database_, next);
  meta_ = next;
  snapshot_bytes_ = next_snapshot_bytes_;
  log_bytes_ = static_cast<std::uint64_t>(logged);
}

bool LogFile::clear_some() {
  clear_log_->bind(1, meta_.behind_batch).run();
  const int batches = sqlite3_changes(database_->handle());
  clear_snapshot_->bind(1, place_of_part(meta_.generation, 0))
      .bind(2, place_of_part(meta_.generation, meta_.parts))
      .run();
  const int parts = sqlite3_changes(database_->handle());
  wal_bytes_ += static_cast<std::uint64_t>(batches + parts) * page_size;
  return batches + parts != 0;
}

void LogFile::checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  wal_bytes_ = 0; // where somebody reads the file meanwhile, the next one gets further
  if (code != SQLITE_OK && code != SQLITE_BUSY) database_->fail(code);
}

} // namespace registry_core
