#include "controller/fleet_guard.hpp"

#include "tests/unit/controller/fixtures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

namespace controller {
namespace {

using namespace test;
using Advice = FleetGuard::Advice;
using Part = FleetGuard::Part;

/// A and B are restarted; X and Y are others.
struct GuardedFleet {
  explicit GuardedFleet(unsigned max_offline = 0) {
    a.id = "A";
    b.id = "B";
    chosen = {{&host, &a, true}, {&host, &b, true}};
    guard.emplace(chosen, max_offline, 16s);
  }

  Advice see(std::initializer_list<const char*> online, Clock::duration later) {
    auto view = empty_registry();
    view.asked = read_at + later;
    for (const auto* id : {"A", "B", "X", "Y"})
      view.managers[id].online =
          std::find(online.begin(), online.end(), std::string_view(id)) != online.end();
    if (!expected.empty()) view.managers[expected].expected.emplace();
    return guard->advise(view, read_at + later);
  }
  Advice see_nothing(Clock::duration later) {
    RegistryView view;
    view.error = "no answer";
    return guard->advise(view, read_at + later);
  }
  void set(std::size_t position, Part part, Clock::duration later) {
    guard->set(position, part, read_at + later);
  }

  void seen_up(std::size_t position, Clock::duration later) { guard->seen_up(position, read_at + later); }

  config::Host host;
  config::Manager a, b;
  std::vector<Chosen> chosen;
  std::optional<FleetGuard> guard;
  std::string expected; ///< whose silence is planned
};

} // namespace

TEST_CASE("it goes on while all that were online are") {
  GuardedFleet fleet;
  CHECK(fleet.see({"A", "B", "X"}, 0s) == Advice::go_on); // Y was offline before
  fleet.set(0, Part::under_way, 1s);
  CHECK(fleet.see({"B", "X"}, 2s) == Advice::go_on); // A is being restarted
  fleet.set(0, Part::restarted, 5s);
  CHECK(fleet.see({"A", "B", "X"}, 4s) == Advice::wait); // a view from before
  CHECK(fleet.see({"A", "B", "X"}, 6s) == Advice::wait); // its unit was not looked at since
  fleet.seen_up(0, 6s);
  CHECK(fleet.see({"A", "B", "X"}, 6s) == Advice::go_on);
}

TEST_CASE("it stops when another goes offline, and names it") {
  GuardedFleet fleet;
  fleet.see({"A", "B", "X", "Y"}, 0s);
  CHECK(fleet.see({"A", "B", "Y"}, 1s) == Advice::stop);
  CHECK(fleet.guard->objection() == "X went offline meanwhile, --max-offline is 0");
}

TEST_CASE("who was to go offline before it began is not missed") {
  GuardedFleet fleet;
  fleet.expected = "X";
  CHECK(fleet.see({"A", "B", "X", "Y"}, 0s) == Advice::go_on);
  CHECK(fleet.see({"A", "B", "Y"}, 1s) == Advice::go_on);
}

TEST_CASE("who is stopped meanwhile is missed, planned or not") {
  GuardedFleet fleet;
  fleet.see({"A", "B", "X", "Y"}, 0s);
  fleet.expected = "X";
  CHECK(fleet.see({"A", "B", "X", "Y"}, 1s) == Advice::go_on);
  CHECK(fleet.see({"A", "B", "Y"}, 2s) == Advice::stop);
}

TEST_CASE("as many as allowed may go") {
  GuardedFleet fleet(1);
  fleet.see({"A", "B", "X", "Y"}, 0s);
  CHECK(fleet.see({"A", "B", "Y"}, 1s) == Advice::go_on);
  CHECK(fleet.see({"A", "B"}, 2s) == Advice::stop);
  CHECK(fleet.guard->objection() == "X and 1 more went offline meanwhile, --max-offline is 1");
}

TEST_CASE("what was restarted must stay, however many may go") {
  GuardedFleet fleet(5);
  fleet.see({"A", "B"}, 0s);
  fleet.set(0, Part::restarted, 1s);
  CHECK(fleet.see({"B"}, 2s) == Advice::stop);
  CHECK(fleet.guard->objection() == "A was restarted and is offline again");
}

TEST_CASE("what was restarted must stay up, though the registry does not know better yet") {
  GuardedFleet fleet(5);
  fleet.see({"A", "B"}, 0s);
  fleet.set(0, Part::restarted, 1s);
  fleet.seen_up(0, 2s);
  CHECK(fleet.see({"A", "B"}, 2s) == Advice::go_on);
  fleet.guard->seen_down(0, "a.service did not stay up");
  CHECK(fleet.see({"A", "B"}, 3s) == Advice::stop);
  CHECK(fleet.guard->objection() == "a.service did not stay up");
}

TEST_CASE("each change asks for another look, but for who can't be looked at now") {
  GuardedFleet fleet;
  fleet.see({"A", "B"}, 0s);
  fleet.set(0, Part::restarted, 1s);
  fleet.seen_up(0, 2s);
  fleet.set(1, Part::under_way, 3s);
  CHECK(fleet.see({"A", "B"}, 4s) == Advice::wait);
  fleet.guard->seen_up(0, Clock::time_point::max());
  CHECK(fleet.see({"A", "B"}, 4s) == Advice::go_on);
}

TEST_CASE("what failed and was passed over is not counted again") {
  GuardedFleet fleet;
  fleet.see({"A", "B"}, 0s);
  fleet.set(0, Part::given_up, 1s);
  CHECK(fleet.see({"B"}, 2s) == Advice::go_on);
}

TEST_CASE("nothing is begun without a registry, and its restart is waited for") {
  GuardedFleet never;
  CHECK(never.see_nothing(0s) == Advice::stop);
  GuardedFleet fleet;
  fleet.see({"A", "B"}, 0s);
  CHECK(fleet.see_nothing(1s) == Advice::wait);
  CHECK(fleet.see_nothing(10s) == Advice::wait);
  CHECK(fleet.see({"A", "B"}, 11s) == Advice::go_on);
  CHECK(fleet.see_nothing(12s) == Advice::wait);
  CHECK(fleet.see_nothing(30s) == Advice::stop);
  CHECK(fleet.guard->objection() == "the registry can't be asked any more: no answer");
}

} // namespace controller
