#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

/// The smallest owners of SQLite's handles. Each is used by one thread at a time.
namespace registry_core {

/// SQLite refused something: its words, and the code (sqlite3.h).
class SqliteError : public std::runtime_error {
public:
  SqliteError(const std::string& what, int code) : std::runtime_error(what), code_(code) {}
  /// The file's contents are wrong, rather than the disk or the rights.
  [[nodiscard]] bool is_damage() const noexcept {
    const int primary = code_ & 0xFF;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR ||
           primary == SQLITE_FORMAT || primary == SQLITE_MISMATCH;
  }

private:
  int code_;
};

class SqliteDatabase;

/// A prepared statement. Parameters are numbered from 1, columns from 0. All throw SqliteError.
class SqliteStatement {
public:
  SqliteStatement(SqliteDatabase& database, const char* sql);

  SqliteStatement& bind(int parameter, std::int64_t value);
  /// The bytes must live until run() or reset() returns.
  SqliteStatement& bind(int parameter, std::string_view bytes);
  /// \returns whether there is a row.
  bool step();
  /// To the end, and ready to be bound again.
  void run();
  void reset() noexcept { sqlite3_reset(statement_.get()); }

  [[nodiscard]] std::int64_t number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  /// Good until the next step.
  [[nodiscard]] std::string_view bytes(int column) const;

private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  [[noreturn]] void fail();

  SqliteDatabase* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteDatabase {
public:
  /// \throws SqliteError. \param path of a file that exists.
  explicit SqliteDatabase(const std::string& path);

  void execute(const char* sql);
  /// The first column of the first row.
  std::int64_t number(const char* sql);
  [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }
  [[noreturn]] void fail(int code);

private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

/// Rolled back, unless it is committed.
class SqliteTransaction {
public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {
    database.execute("BEGIN IMMEDIATE");
  }
  ~SqliteTransaction() {
    // After some failures SQLite has done so itself.
    if (database_ && sqlite3_get_autocommit(database_->handle()) == 0)
      sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void commit() {
    database_->execute("COMMIT");
    database_ = nullptr;
  }

private:
  SqliteDatabase* database_;
};

} // namespace registry_core
