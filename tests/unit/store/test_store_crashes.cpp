// A store whose process is killed, and one that may not write any more: real processes, real limits.

#include "tests/unit/store/some_changes.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Runs `work` in a process of its own, which writes to the pipe; it is killed with the object at the latest.
class Child {
public:
  template<typename Work>
  explicit Child(Work work) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      int status = 1;
      try {
        work(ends[1]);
        status = 0;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
      }
      _exit(status);
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~Child() {
    kill();
    close(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// Of an end of its own.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  /// The latest number that it wrote; waits until it wrote one.
  int read_latest(int latest) {
    int number = 0;
    pollfd ready{output_, POLLIN, 0};
    while (poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) &&
           read(output_, &number, sizeof number) == sizeof number)
      latest = number;
    return latest;
  }
  [[nodiscard]] bool wait_for_output() const {
    pollfd ready{output_, POLLIN, 0};
    return poll(&ready, 1, 10'000) == 1;
  }

private:
  pid_t pid_ = -1;
  int output_ = -1;
};

void say(int output, int number) {
  if (write(output, &number, sizeof number) != sizeof number) throw std::runtime_error("write");
}

/// Stores batches, each of a name and its number, with snapshots between them, and says what was
/// acknowledged.
void storm(const std::string& directory, int from, int output) {
  Store store({directory, false});
  std::vector<Change> all = load_all(store);
  for (int number = from;; ++number) {
    const bool snapshot = number % 40 == 0;
    if (snapshot) {
      store.begin_snapshot();
      for (std::size_t i = 0; i < all.size(); i += 16)
        store.add_to_snapshot(
            records_of({all.begin() + static_cast<std::ptrdiff_t>(i),
                        all.begin() + static_cast<std::ptrdiff_t>(std::min(i + 16, all.size()))}));
      store.end_snapshot();
    }
    store.append(records_of({name_of_number(number)}));
    if (!wait_for_result(store).stored) throw std::runtime_error("not stored");
    all.emplace_back(name_of_number(number));
    say(output, number);
  }
}

} // namespace

TEST_CASE("a store that is killed at any moment has lost nothing that it acknowledged") {
  const TemporaryDirectory directory;
  std::mt19937 random(3);
  int acknowledged = -1;
  for (int life = 0; life < 50; ++life) {
    CAPTURE(life);
    Child child([&](int output) { storm(directory.path(), acknowledged + 1, output); });
    REQUIRE(child.wait_for_output());
    // Anywhere in the next few batches: this long, not until something.
    usleep(static_cast<useconds_t>(random() % 20'000));
    child.kill();
    acknowledged = child.read_latest(acknowledged);
    Store store({directory.path(), false});
    int found = -1;
    for (const Change& change : load_all(store)) {
      const int number = std::stoi(std::get<NameStored>(change).actor_name.substr(6));
      REQUIRE(number <= found + 1); // what a snapshot has may come again from the log
      found = std::max(found, number);
    }
    // The last one may have been stored and not been said yet.
    REQUIRE(found >= acknowledged);
    REQUIRE(found <= acknowledged + 1);
    acknowledged = found;
  }
  CHECK(acknowledged > 100);
}

TEST_CASE("a full disk fails the batch, leaves no trace, and what was stored stays") {
  const TemporaryDirectory directory;
  Child child([&](int output) {
    std::signal(SIGXFSZ, SIG_IGN);
    Store store({directory.path(), false});
    load_all(store);
    const rlimit little{200'000, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &little);
    int stored = 0;
    for (int number = 0; number < 1000; ++number) {
      store.append(records_of({name_of_number(number)}));
      const auto result = wait_for_result(store);
      if (!result.stored) {
        if (result.error.empty() || result.error.find('\n') != std::string::npos)
          throw std::runtime_error("no line");
        break;
      }
      ++stored;
    }
    const rlimit enough{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &enough);
    store_batch(store, {name_of_number(stored)});
    say(output, stored + 1);
  });
  REQUIRE(child.wait() == 0);
  const int stored = child.read_latest(0);
  CHECK(stored > 5);
  CHECK(stored < 1000);
  Store store({directory.path(), false});
  const auto changes = load_all(store);
  REQUIRE(changes.size() == static_cast<std::size_t>(stored));
  for (int number = 0; number < stored; ++number)
    CHECK(changes[static_cast<std::size_t>(number)] == Change(name_of_number(number)));
}
