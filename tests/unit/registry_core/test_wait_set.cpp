#include "registry_core/wait_set.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using registry_core::nanos_per_second;
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

/// Whether it sleeps to the end of the time that it is given.
bool sleeps(WaitSet& set) {
  constexpr auto time = std::chrono::milliseconds(20);
  const auto begin = std::chrono::steady_clock::now();
  set.wait(std::chrono::nanoseconds(time).count());
  return std::chrono::steady_clock::now() - begin >= time;
}

} // namespace

TEST_CASE("only connections are said to move, and only while their descriptor is readable") {
  WaitSet set;
  const Signal requests;
  const Signal connections;
  set.add(requests.descriptor(), Of::requests);
  set.add(connections.descriptor(), Of::connections);
  CHECK_FALSE(set.wait(0));
  requests.give();
  CHECK_FALSE(set.wait(10 * nanos_per_second));
  connections.give();
  CHECK(set.wait(10 * nanos_per_second));
  CHECK(set.wait(10 * nanos_per_second));
  connections.take();
  CHECK_FALSE(set.wait(10 * nanos_per_second));
  requests.take();
  CHECK(sleeps(set));
}

TEST_CASE("somebody who wakes it ends each sleep until that is forgotten") {
  WaitSet set;
  CHECK(sleeps(set));
  std::thread other([&] { set.wake(); });
  CHECK_FALSE(set.wait(10 * nanos_per_second));
  other.join();
  CHECK_FALSE(sleeps(set));
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
