// Snapshots that are cut while the state goes on changing, against a state that is kept in a map.

#include "tests/unit/store/some_changes.hpp"

#include <map>
#include <thread>

namespace {

using State = std::map<std::string, NameStored>;

void take_in(State& state, const Change& change) {
  if (const auto* stored = std::get_if<NameStored>(&change)) state[stored->actor_name] = *stored;
  if (const auto* removed = std::get_if<NameRemoved>(&change)) state.erase(removed->actor_name);
}

State loaded(Store& store) {
  State state;
  store.load([&](Change&& change) { take_in(state, change); });
  return state;
}

/// Until the parts are written, which the thread does in its own time.
void wait_for_parts(const Store& store) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (store.unwritten_parts() != 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

class Writer {
public:
  explicit Writer(unsigned seed) : random_(seed) {}

  Change some_change() {
    const std::string name = "A" + std::to_string(random_() % 30);
    if (random_() % 4 == 0) return NameRemoved{name, false};
    return NameStored{name, "tcp://h:" + std::to_string(1 + random_() % 9), "M", std::nullopt};
  }
  /// A batch, applied when it is stored.
  void write(Store& store) {
    std::vector<Change> batch(1 + random_() % 3);
    for (Change& change : batch)
      change = some_change();
    store_batch(store, batch);
    for (const Change& change : batch)
      take_in(state, change);
  }
  void snapshot(Store& store) {
    store.begin_snapshot();
    std::string after;
    for (bool more = true; more;) {
      std::string part;
      auto at = state.upper_bound(after);
      for (int i = 0; i < 7 && at != state.end(); ++i, ++at) {
        append_record(part, at->second);
        after = at->first;
      }
      more = at != state.end();
      store.add_to_snapshot(part);
      if (random_() % 2 == 0) write(store);
    }
    // One batch is under way while the snapshot ends.
    store.append(records_of({NameRemoved{"A0", false}}));
    store.end_snapshot();
    REQUIRE(wait_for_result(store).stored);
    take_in(state, NameRemoved{"A0", false});
  }

  State state;

private:
  std::mt19937 random_;
};

} // namespace

TEST_CASE("a snapshot and the log behind it are the state, whatever changed meanwhile") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const TemporaryDirectory directory;
    Writer writer(seed);
    for (int life = 0; life < 4; ++life) {
      Store store({directory.path(), false});
      REQUIRE(loaded(store) == writer.state);
      for (int i = 0; i < 10; ++i)
        writer.write(store);
      writer.snapshot(store);
      wait_for_parts(store);
      for (int i = 0; i < 5; ++i)
        writer.write(store);
      if (life == 2) {
        // One that never ends leaves the one before in force.
        store.begin_snapshot();
        store.add_to_snapshot(records_of({name_of_number(1)}));
        wait_for_parts(store);
      }
    }
  }
}

TEST_CASE("a snapshot pays when the log has grown, and the file stays of a size") {
  const TemporaryDirectory directory;
  Store store({directory.path(), false});
  load_all(store);
  CHECK_FALSE(store.wants_snapshot());
  const std::string batch = records_of(std::vector<Change>(2000, name_of_number(1)));
  const auto grow = [&] {
    for (int i = 0; !store.wants_snapshot(); ++i) {
      REQUIRE(i < 1000);
      store.append(batch);
      REQUIRE(wait_for_result(store).stored);
    }
  };
  std::uintmax_t first_size = 0;
  std::uintmax_t late_size =
      std::numeric_limits<std::uintmax_t>::max(); // one size says little: it has a log of its own
  for (int round = 0; round < 10; ++round) {
    grow();
    store.begin_snapshot();
    store.add_to_snapshot(records_of({name_of_number(1)}));
    store.end_snapshot();
    wait_for_parts(store);
    CHECK_FALSE(store.wants_snapshot());
    std::uintmax_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
      size += entry.file_size();
    if (round == 1) first_size = size;
    if (round > 6) late_size = std::min(late_size, size);
  }
  CHECK(late_size < first_size * 2);
}
