#include "registry_core/store/sqlite.hpp"
#include "tests/unit/store/some_changes.hpp"

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string error_of(const StoreOptions& options) {
  try {
    Store store(options);
    store.load([](Change&&) {});
  } catch (const StoreError& error) {
    return error.what();
  }
  return {};
}

/// As somebody else's hand would.
void change_file(const TemporaryDirectory& directory, const char* sql) {
  std::ofstream(directory.file(), std::ios::app) << "";
  SqliteDatabase(directory.file().string()).execute(sql);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("what was stored is there again, with the epoch, in order") {
  const TemporaryDirectory directory;
  for (const bool full : {false, true}) {
    std::string epoch;
    const std::vector<Change> first = {name_of_number(1), name_of_number(2)};
    const std::vector<Change> second = {NameRemoved{"Actor-1", false}};
    const StoreOptions options{directory.path() + (full ? "/full" : "/normal"), full};
    {
      Store store(options);
      CHECK(load_all(store).empty());
      epoch = store.epoch();
      CHECK(epoch.size() == 16);
      store_batch(store, first);
      store_batch(store, second);
      CHECK_FALSE(store.take_result());
    }
    Store store(options);
    CHECK(store.epoch() == epoch);
    CHECK(load_all(store) == std::vector<Change>{first[0], first[1], second[0]});
    store_batch(store, {name_of_number(3)});
  }
}

TEST_CASE("a batch that is under way at the end is finished") {
  const TemporaryDirectory directory;
  {
    Store store({directory.path(), false});
    load_all(store);
    store.append(records_of({name_of_number(1)}));
  }
  Store store({directory.path(), false});
  CHECK(load_all(store).size() == 1);
}

TEST_CASE("the directory is one registry's at a time, and the other is told whose") {
  const TemporaryDirectory directory;
  const StoreOptions options{directory.path(), false};
  {
    const Store store(options);
    const std::string error = error_of(options);
    CHECK(contains(error, directory.path()));
    CHECK(contains(error, "another registry (pid " + std::to_string(getpid()) + ")"));
  }
  CHECK(error_of(options).empty());
}

TEST_CASE("a directory that can't be made is an error that names it") {
  const TemporaryDirectory directory;
  const std::string error = error_of({directory.path() + "/a/b", false});
  CHECK(contains(error, directory.path() + "/a/b: can't be made: No such file"));
  std::ofstream(directory.path() + "/file") << "x";
  CHECK(contains(error_of({directory.path() + "/file", false}), "Not a directory"));
}

TEST_CASE("only the owner reads the file") {
  const TemporaryDirectory directory;
  Store store({directory.path(), false});
  load_all(store);
  store_batch(store, {name_of_number(1)});
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    struct stat status {};
    REQUIRE(stat(entry.path().c_str(), &status) == 0);
    if (entry.path().filename() != "lock") CHECK_MESSAGE((status.st_mode & 077) == 0, entry.path().string());
  }
}

TEST_CASE("files that are no store are refused, never taken for an empty one") {
  const TemporaryDirectory directory;
  const StoreOptions options{directory.path(), false};
  SUBCASE("an empty file") {
    std::ofstream(directory.file()) << "";
    CHECK(contains(error_of(options), "damaged: it is empty"));
  }
  SUBCASE("something else") {
    std::ofstream(directory.file()) << std::string(10'000, 'x');
    CHECK(contains(error_of(options), "damaged: file is not a database"));
  }
  SUBCASE("cut off") {
    {
      Store store(options);
      load_all(store);
      for (int i = 0; i < 50; ++i)
        store_batch(store, {name_of_number(i)});
    }
    const auto size = std::filesystem::file_size(directory.file());
    for (const auto part : {2, 3, 10}) {
      std::filesystem::resize_file(directory.file(), size / static_cast<unsigned>(part));
      CHECK(contains(error_of(options), "damaged"));
    }
  }
  SUBCASE("of another program") {
    change_file(directory, "CREATE TABLE x (y)");
    CHECK(contains(error_of(options), "not the store of a registry"));
  }
  SUBCASE("of a later version") {
    { const Store store(options); }
    change_file(directory, "PRAGMA user_version = 99");
    CHECK(contains(error_of(options), "of format 99"));
  }
  SUBCASE("with a batch missing") {
    {
      Store store(options);
      load_all(store);
      for (int i = 0; i < 5; ++i)
        store_batch(store, {name_of_number(i)});
    }
    change_file(directory, "DELETE FROM log WHERE id = 3");
    CHECK(contains(error_of(options), "damaged: batch 3 of the log is missing"));
  }
}

TEST_CASE("bytes that change on the disk are noticed, or change nothing") {
  const TemporaryDirectory directory;
  const StoreOptions options{directory.path(), false};
  std::vector<Change> all;
  {
    Store store(options);
    load_all(store);
    for (int i = 0; i < 300; ++i) {
      all.emplace_back(name_of_number(i));
      store_batch(store, {all.back()});
    }
  }
  std::string bytes;
  {
    std::ifstream file(directory.file(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::mt19937 random(7);
  int noticed = 0;
  for (int round = 0; round < 300; ++round) {
    std::string changed = bytes;
    const std::size_t at = round < 100 ? static_cast<std::size_t>(round) : random() % bytes.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 << (round % 8)));
    for (const char* companion : {"-wal", "-shm"})
      std::filesystem::remove(directory.file().string() + companion);
    std::ofstream(directory.file(), std::ios::binary) << changed;
    try {
      Store store(options);
      CAPTURE(at);
      const auto changes = load_all(store);
      CHECK(changes == all);
    } catch (const StoreError&) {
      ++noticed;
    }
  }
  CHECK(noticed > 100);
}
