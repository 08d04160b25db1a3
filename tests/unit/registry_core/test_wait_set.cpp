#include "registry_core/wait_set.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using registry_core::WaitSet;
using Of = WaitSet::Of;

namespace {

class Signal {
public:
  Signal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { REQUIRE(descriptor_ >= 0); }
  ~Signal() { close(descriptor_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void give() const { REQUIRE(eventfd_write(descriptor_, 1) == 0); }
  void take() const {
    eventfd_t count = 0;
    REQUIRE(eventfd_read(descriptor_, &count) == 0);
  }

private:
  int descriptor_;
};

struct Sleep {
  bool whole; ///< to the end of the time that it had
  bool connections;
};

Sleep sleep(WaitSet& set, std::chrono::milliseconds time) {
  const auto begin = std::chrono::steady_clock::now();
  const bool connections = set.wait(std::chrono::nanoseconds(time).count());
  return {std::chrono::steady_clock::now() - begin >= time, connections};
}

/// Nothing wakes it.
bool sleeps(WaitSet& set) {
  return sleep(set, std::chrono::milliseconds(20)).whole;
}

/// Woken, by what is no connection.
bool is_woken(WaitSet& set) {
  const auto one = sleep(set, std::chrono::seconds(10));
  return !one.whole && !one.connections;
}

/// Woken, by a connection among others.
bool sees_connections(WaitSet& set) {
  const auto one = sleep(set, std::chrono::seconds(10));
  return !one.whole && one.connections;
}

} // namespace

TEST_CASE("only connections are said to move, and only while their descriptor is readable") {
  WaitSet set;
  const Signal requests;
  const Signal connections;
  set.add(requests.descriptor(), Of::requests);
  set.add(connections.descriptor(), Of::connections);
  CHECK(sleeps(set));
  requests.give();
  CHECK(is_woken(set));
  connections.give();
  CHECK(sees_connections(set));
  CHECK(sees_connections(set));
  connections.take();
  CHECK(is_woken(set));
  requests.take();
  CHECK(sleeps(set));
}

TEST_CASE("somebody who wakes it ends each sleep until that is forgotten") {
  WaitSet set;
  CHECK(sleeps(set));
  std::thread other([&] { set.wake(); });
  CHECK(is_woken(set));
  other.join();
  CHECK(is_woken(set));
  set.wake();
  set.forget_wake();
  CHECK(sleeps(set));
  set.forget_wake();
  CHECK(sleeps(set));
}

TEST_CASE("a descriptor that is none is said") {
  WaitSet set;
  CHECK_THROWS_AS(set.add(-1, Of::requests), std::system_error);
}
