#include "tests/unit/store/some_changes.hpp"

#include <random>

namespace {

std::vector<Change> every_kind() {
  ManagerStored full{"M",
                     "two",
                     {"zero", "one"},
                     StoredProcess{"h", "u", "i", "C++", "1", 4711},
                     "10.0.0.9",
                     true,
                     StoredExpectation{12.5, "maintenance"}};
  ManagerStored bare;
  bare.manager_id = "Ü/ber";
  return {full,
          bare,
          ManagerForgotten{"M"},
          NameStored{"A", "tcp://h:1", "M", "two"},
          NameStored{std::string(255, 'x'), "ipc:///tmp/x", "M", std::nullopt},
          NameRemoved{"A", true},
          NameRemoved{"B", false},
          LossStored{"M", "A"},
          LossSettled{"M", ""}};
}

std::vector<Change> read_all(std::string_view bytes) {
  std::vector<Change> changes;
  RecordReader reader(bytes);
  while (auto change = reader.next())
    changes.push_back(std::move(*change));
  return changes;
}

} // namespace

TEST_CASE("every kind of change comes back as it was") {
  CHECK(read_all(records_of(every_kind())) == every_kind());
  CHECK(read_all("").empty());
}

TEST_CASE("a record that is cut off anywhere is refused") {
  for (const Change& change : every_kind()) {
    const std::string bytes = records_of({change});
    for (std::size_t size = 1; size < bytes.size(); ++size)
      CHECK_THROWS_AS(read_all(bytes.substr(0, size)), RecordError);
  }
}

TEST_CASE("random bytes are changes or are refused") {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 == 0 ? records_of(every_kind()) : std::string(40, ' ');
    for (int i = 0; i < 3; ++i)
      bytes[static_cast<std::size_t>(random()) % bytes.size()] = static_cast<char>(byte(random));
    try {
      const auto changes = read_all(bytes);
      CHECK(read_all(records_of(changes)).size() == changes.size());
    } catch (const RecordError&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
}
