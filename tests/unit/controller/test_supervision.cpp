#include "controller/supervision.hpp"

#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

#include <random>

namespace controller {
namespace {

using namespace test;
using Ids = std::vector<std::string>;

/// A registry that is asked every second, and manager M.
struct Watch {
  explicit Watch(config::RestartPolicy policy = {5, 60, 3}) {
    supervision.watch({{"M", policy}});
    pass(20);
  }

  /// Seconds go by; returns at how many of them M was due, and stops at the first.
  int pass(int seconds) {
    for (int i = 1; i <= seconds; ++i) {
      now += 1s;
      view.asked = now;
      view.uptime += 1s;
      if (!supervision.due(view, now).empty()) return i;
    }
    return 0;
  }
  void online(bool is) {
    auto& manager = view.managers["M"];
    manager.manager_id = "M";
    manager.online = is;
  }
  void restarted() { supervision.restarted("M", now); }

  Clock::time_point now = read_at;
  RegistryView view = empty_registry();
  Supervision supervision{6s};
};

} // namespace

TEST_CASE("a manager that stays offline is due after its delay, once") {
  Watch watch;
  watch.online(true);
  CHECK(watch.pass(30) == 0);
  watch.online(false);
  CHECK(watch.pass(30) == 6); // five seconds after it was seen offline
  CHECK(watch.pass(30) == 0); // somebody is at work on it
}

TEST_CASE("one that comes back in time is left alone") {
  Watch watch;
  watch.online(false);
  CHECK(watch.pass(4) == 0);
  watch.online(true);
  CHECK(watch.pass(1) == 0);
  watch.online(false);
  CHECK(watch.pass(4) == 0);
}

TEST_CASE("a planned silence is none, and neither is that of a stranger") {
  Watch watch;
  CHECK(watch.pass(30) == 0); // the registry does not know it
  watch.online(false);
  watch.view.managers["M"].expected = actors::registry::ExpectedOffline{};
  CHECK(watch.pass(30) == 0);
}

TEST_CASE("the delay doubles with each restart that does not help, up to its maximum") {
  Watch watch({5, 15, 100});
  watch.online(false);
  CHECK(watch.pass(100) == 6);
  watch.restarted();
  CHECK(watch.pass(100) == 11);
  watch.restarted();
  CHECK(watch.pass(100) == 16);
  watch.restarted();
  CHECK(watch.pass(100) == 16);
  watch.restarted();
  CHECK(watch.supervision.in_a_row("M") == 4);
  watch.online(true);
  CHECK(watch.pass(62) == 0);
  CHECK(watch.supervision.in_a_row("M") == 0);
  watch.online(false);
  CHECK(watch.pass(100) == 6);
}

TEST_CASE("no more restarts than allowed in any hour, and that is said once") {
  Watch watch({1, 1, 3});
  watch.online(false);
  for (int i = 0; i < 3; ++i) {
    CHECK(watch.pass(100) > 0);
    watch.restarted();
  }
  CHECK(watch.pass(3000) == 0);
  CHECK(watch.supervision.take_given_up() == Ids{"M"});
  CHECK(watch.pass(100) == 0);
  CHECK(watch.supervision.take_given_up().empty());
  CHECK(watch.pass(1000) > 0); // an hour after the first
}

TEST_CASE("a registry that was away makes nobody hang") {
  Watch watch;
  watch.online(false);
  CHECK(watch.pass(3) == 0);
  SUBCASE("it did not answer") {
    watch.view.reachable = false;
    CHECK(watch.pass(10) == 0);
    watch.view.reachable = true;
    CHECK(watch.pass(100) == 12); // its timeout first, then the delay
  }
  SUBCASE("it was restarted") {
    watch.view.uptime = 0s;
    CHECK(watch.pass(12) == 0); // up for less than twice its timeout
    CHECK(watch.pass(100) > 0);
  }
  SUBCASE("it is another") {
    watch.supervision.another_registry();
    watch.view.uptime = 10h;
    CHECK(watch.pass(100) == 12);
  }
  SUBCASE("somebody was stopped") {
    watch.now += 30s;
    CHECK(watch.pass(100) == 12);
  }
}

TEST_CASE("one that did not hang is looked at again later") {
  Watch watch;
  watch.online(false);
  CHECK(watch.pass(30) == 6);
  watch.supervision.left_alone("M", watch.now);
  CHECK(watch.pass(30) == 10);
  CHECK(watch.supervision.in_a_row("M") == 0);
}

TEST_CASE("another configuration keeps what is known") {
  Watch watch({1, 1, 1});
  watch.online(false);
  CHECK(watch.pass(30) > 0);
  watch.restarted();
  watch.supervision.watch({{"M", {1, 1, 1}}, {"N", {1, 1, 1}}});
  CHECK(watch.pass(30) == 0); // its one restart of the hour is used up
  watch.supervision.watch({});
  CHECK(watch.pass(30) == 0);
}

TEST_CASE("another heartbeat timeout is in force at once") {
  Watch watch;
  watch.supervision.set_heartbeat_timeout(20s);
  watch.online(false);
  watch.view.reachable = false;
  CHECK(watch.pass(1) == 0);
  watch.view.reachable = true;
  watch.view.uptime = 1h;
  CHECK(watch.pass(100) == 26);
}

TEST_CASE("whatever happens, the limits hold") {
  std::mt19937 random(20260301);
  const auto one_in = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random) == 0;
  };
  for (int run = 0; run < 30; ++run) {
    const config::RestartPolicy policy{3, 20, 4};
    Watch watch(policy);
    std::vector<Clock::time_point> restarts;
    bool at_work = false;
    auto trusted_since = watch.now - 1h;
    auto offline_since = watch.now;
    for (int step = 0; step < 5000; ++step) {
      if (one_in(20)) watch.online(!watch.view.managers["M"].online);
      if (one_in(200)) {
        watch.now += 20s;
        trusted_since = watch.now + 1s;
      }
      watch.now += 1s;
      watch.view.asked = watch.now;
      watch.view.uptime += 1s;
      const bool online = watch.view.managers["M"].online;
      if (online) offline_since = watch.now + 1s;
      if (!watch.supervision.due(watch.view, watch.now).empty()) {
        REQUIRE_FALSE(online);
        REQUIRE_FALSE(at_work);
        REQUIRE(watch.now - offline_since >= 3s);
        REQUIRE(watch.now - trusted_since >= 6s);
        REQUIRE(std::count_if(restarts.begin(), restarts.end(),
                              [&](auto when) { return watch.now - when < 1h; }) < 4);
        at_work = true;
      } else if (at_work && one_in(5)) {
        restarts.push_back(watch.now);
        watch.restarted();
        at_work = false;
      }
    }
  }
}

} // namespace controller
