#include "cli/progress_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cli {
namespace {

using std::chrono::seconds;

const ProgressLine::Clock::time_point begun{};

/// Two hosts: two managers on the first, one on the second.
struct Fleet {
  Fleet() {
    hosts[0].name = "h1";
    hosts[1].name = "h2";
    for (const char* id : {"Orders", "Risks", "Prices"})
      managers.emplace_back().id = id;
    chosen = {
        {&hosts[0], &managers[0], true}, {&hosts[0], &managers[1], true}, {&hosts[1], &managers[2], true}};
  }
  std::vector<config::Host> hosts{2};
  std::vector<config::Manager> managers;
  std::vector<controller::Chosen> chosen;
};

} // namespace

TEST_CASE("a host that keeps several managers waiting is named once, and what waits longest comes first") {
  const Fleet fleet;
  ProgressLine line("start", fleet.chosen, begun);
  CHECK(line.text(begun, 100).text == "start: 0 of 3 done, 0 s");
  line.take({&fleet.hosts[0], nullptr, "connecting"}, begun);
  line.take({&fleet.hosts[1], nullptr, "connecting"}, begun);
  line.take({&fleet.hosts[0], &fleet.managers[0], "not heard yet"}, begun + seconds(2));
  CHECK(line.text(begun + seconds(3), 100).text ==
        "start: 0 of 3 done, 3 s; h1: connecting 3 s; h2: connecting 3 s; Orders: not heard yet 1 s");
}

TEST_CASE("a wait goes on when it is told again, and what is done stays so") {
  const Fleet fleet;
  ProgressLine line("start", fleet.chosen, begun);
  line.take({&fleet.hosts[0], &fleet.managers[0], "settling"}, begun);
  line.take({&fleet.hosts[0], &fleet.managers[0], "settling"}, begun + seconds(1));
  CHECK(line.text(begun + seconds(3), 100).text == "start: 0 of 3 done, 3 s; Orders: settling 3 s");
  line.take({&fleet.hosts[0], &fleet.managers[0], ""}, begun + seconds(3));
  line.take({&fleet.hosts[0], nullptr, "at work"}, begun + seconds(3));
  CHECK(line.text(begun + seconds(4), 100).text == "start: 1 of 3 done, 4 s; h1: at work 1 s");
  line.take({&fleet.hosts[0], nullptr, ""}, begun + seconds(4));
  CHECK(line.text(begun + seconds(4), 100).text == "start: 2 of 3 done, 4 s");
}

TEST_CASE("when all are done, what is left to wait for is said") {
  const Fleet fleet;
  const std::vector<const config::Host*> hosts{&fleet.hosts[0]};
  ProgressLine line("status", hosts, begun);
  line.take({nullptr, nullptr, "waiting for the registry"}, begun);
  CHECK(line.text(begun, 100).text == "status: 0 of 1 done, 0 s");
  line.take({&fleet.hosts[0], nullptr, ""}, begun);
  CHECK(line.text(begun, 100).text == "status: 1 of 1 done, 0 s; waiting for the registry");
}

TEST_CASE("a line never takes more columns than there are") {
  Fleet fleet;
  fleet.managers[0].id = "Bestellungen-für-Köln";
  fleet.managers[1].id = "注文";
  ProgressLine line("start", fleet.chosen, begun);
  for (const auto& one : fleet.chosen)
    line.take({one.host, one.manager, "not heard yet"}, begun);
  for (std::size_t columns = 0; columns < 150; ++columns) {
    const auto text = line.text(begun, columns);
    CAPTURE(columns);
    CHECK(text.columns <= columns);
    CHECK(text.text.size() <= 2 * columns);
  }
  CHECK(line.text(begun, 40).text == "start: 0 of 3 done, 0 s; 3 more");
  CHECK(line.text(begun, 80).text ==
        "start: 0 of 3 done, 0 s; Bestellungen-für-Köln: not heard yet 0 s; 2 more");
  CHECK(line.text(begun, 9).text == "start: 0 ");
}

} // namespace cli
