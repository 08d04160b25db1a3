#include "tests/unit/registry_core/simulated.hpp"

using namespace registry_core;

namespace {

std::string names(const protocol::ActorList& list) {
  std::string text;
  for (const auto& row : list.actors)
    text += std::string(row.actor_name) + (row.online ? "+" : "-");
  return text + (list.next ? ">" + std::string(*list.next) : "");
}

std::string list(Simulated& sim, protocol::ListActors request) {
  return names(std::get<protocol::ActorList>(sim.send(request)));
}

} // namespace

TEST_CASE("actors are listed by name, by glob, manager and liveness") {
  Simulated sim;
  sim.add("M", "b1");
  sim.add("M", "a1");
  sim.pass(6);
  sim.add("N", "a2");
  CHECK(list(sim, {}) == "a1-a2+b1-");
  CHECK(list(sim, {.pattern = "a*"}) == "a1-a2+");
  CHECK(list(sim, {.manager_id = "M"}) == "a1-b1-");
  CHECK(list(sim, {.online = true}) == "a2+");
  CHECK(list(sim, {.online = false}) == "a1-b1-");
  CHECK(list(sim, {.pattern = "zzz"}).empty());
}

TEST_CASE("lists come in pages") {
  Simulated sim;
  for (const char* name : {"a", "b", "c", "d", "e"})
    sim.add("M", name);
  CHECK(list(sim, {.limit = 2}) == "a+b+>b");
  CHECK(list(sim, {.after = "b", .limit = 2}) == "c+d+>d");
  CHECK(list(sim, {.after = "d", .limit = 2}) == "e+");
  CHECK(list(sim, {.after = "bb", .limit = 1}) == "c+>c");
  for (const char* id : {"N", "O"})
    sim.beat(id);
  const auto page = std::get<protocol::ManagerList>(sim.send(protocol::ListManagers{"", "M", 1}));
  REQUIRE(page.managers.size() == 1);
  CHECK(page.managers[0].manager_id == "N");
  CHECK(page.next == "N");
}

TEST_CASE("a page has a bounded size, and following `next` finds everything") {
  Simulated sim;
  for (int i = 0; i < 25'000; ++i)
    sim.add("M", "n" + std::to_string(i));
  sim.add("M", "z");
  const auto first = std::get<protocol::ActorList>(sim.send(protocol::ListActors{}));
  CHECK(first.actors.size() == default_page);
  CHECK(std::get<protocol::ActorList>(sim.send(protocol::ListActors{.limit = 1'000'000})).actors.size() ==
        largest_page);
  // Nothing fits on the first pages, yet they say where to go on.
  std::string after;
  std::size_t found = 0;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page =
        std::get<protocol::ActorList>(sim.send(protocol::ListActors{.pattern = "z", .after = after}));
    found += page.actors.size();
    if (!page.next) break;
    after = *page.next;
  }
  CHECK(found == 1);
}

TEST_CASE("where comparing takes long, pages are short, and following `next` comes to the end") {
  Simulated sim;
  constexpr int names = 300;
  for (int i = 0; i < names; ++i)
    sim.add("M", std::string(247, 'a') + std::to_string(100 + i));
  const std::string slow = "*" + std::string(249, 'a') + "b";
  int pages = 0;
  std::string after;
  for (bool more = true; more; ++pages) {
    const auto page =
        std::get<protocol::ActorList>(sim.send(protocol::ListActors{.pattern = slow, .after = after}));
    CHECK(page.actors.empty());
    more = page.next.has_value();
    if (more) after = *page.next;
  }
  CHECK(pages > 10);
  CHECK(pages < names);
  const auto all = std::get<protocol::ActorList>(sim.send(protocol::ListActors{.pattern = "a*"}));
  CHECK(all.actors.size() == names);
}

TEST_CASE("managers are listed with what is known of them") {
  Simulated sim;
  sim.send(protocol::RegisterActor{"M", "A", "tcp://h:1", "i",
                                   protocol::Process{"h", 7, "u.service", "inv", "c++", "1"}});
  sim.pass(1.25);
  const auto row = sim.manager("M");
  CHECK(row.online);
  CHECK(row.age_s == doctest::Approx(1.25));
  CHECK(row.actors == 1);
  CHECK(row.instance == "i");
  CHECK(row.process->unit == "u.service");
  CHECK(row.address == "10.0.0.9");
}

TEST_CASE("counts") {
  Simulated sim;
  sim.add("M", "A", "one");
  sim.add("M", "B", "one");
  sim.add("N", "C");
  auto counts = sim.registry.counts();
  CHECK(counts.actors == 3);
  CHECK(counts.actors_online == 3);
  CHECK(counts.managers_online == 2);
  sim.beat("M", "two");
  CHECK(sim.registry.counts().actors_online == 1);
  sim.pass(6);
  sim.expire();
  counts = sim.registry.counts();
  CHECK(counts.actors == 3);
  CHECK(counts.actors_online == 0);
  CHECK(counts.managers == 2);
  CHECK(counts.managers_online == 0);
}
