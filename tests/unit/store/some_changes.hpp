#pragma once

#include "registry_core/changes.hpp"
#include "registry_core/store/record.hpp"
#include "registry_core/store/store.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace registry_core;

/// A directory of the test's own, removed with the object.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "actors-store-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::filesystem::path file() const { return path_ / "registry.db"; }

private:
  std::filesystem::path path_;
};

inline std::string records_of(const std::vector<Change>& changes) {
  std::string bytes;
  for (const Change& change : changes)
    append_record(bytes, change);
  return bytes;
}

inline NameStored name_of_number(int number) {
  return {"Actor-" + std::to_string(number), "tcp://10.0.0.1:" + std::to_string(5000 + number % 1000),
          "Manager", "one"};
}

inline std::vector<Change> load_all(Store& store) {
  std::vector<Change> changes;
  store.load([&](Change&& change) { changes.push_back(std::move(change)); });
  return changes;
}

/// What came of the batch under way. Fails after 10 s.
inline Store::Result wait_for_result(Store& store) {
  pollfd descriptor{store.descriptor(), POLLIN, 0};
  if (poll(&descriptor, 1, 10'000) != 1) throw std::runtime_error("no result within 10 s");
  auto result = store.take_result();
  if (!result) throw std::runtime_error("the descriptor is readable, and there is no result");
  return std::move(*result);
}

inline void store_batch(Store& store, const std::vector<Change>& changes) {
  store.append(records_of(changes));
  const auto result = wait_for_result(store);
  REQUIRE_MESSAGE(result.stored, result.error);
}
