#include "registry_core/store/sqlite.hpp"

namespace registry_core {

SqliteDatabase::SqliteDatabase(const std::string& path) {
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(database, 1);
}

void SqliteDatabase::fail(int code) {
  std::string what = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  const int extended = database_ ? sqlite3_extended_errcode(database_.get()) : code;
  throw SqliteError(what, extended == SQLITE_OK ? code : extended);
}

void SqliteDatabase::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t SqliteDatabase::number(const char* sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, const char* sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database.handle(), sql, -1, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) database.fail(code);
}

void SqliteStatement::fail() {
  const int code = sqlite3_errcode(database_->handle());
  const std::string what = sqlite3_errmsg(database_->handle());
  const int extended = sqlite3_extended_errcode(database_->handle());
  reset();
  throw SqliteError(what, extended == SQLITE_OK ? code : extended);
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), parameter, value) != SQLITE_OK) fail();
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view bytes) {
  const char* const data = bytes.data() ? bytes.data() : "";
  if (sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_STATIC) != SQLITE_OK)
    fail();
  return *this;
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
  return code == SQLITE_ROW;
}

void SqliteStatement::run() {
  while (step()) {
  }
  reset();
}

std::string_view SqliteStatement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), data ? static_cast<std::size_t>(size) : 0};
}

} // namespace registry_core
