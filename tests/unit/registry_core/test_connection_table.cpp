#include "registry_core/security/connection_table.hpp"

#include <doctest/doctest.h>

using registry_core::ConnectionTable;
using Verdict = ConnectionTable::Verdict;

TEST_CASE("an address has so many connections, this machine's as many as there are") {
  ConnectionTable table;
  table.set_limits({100, 2});
  CHECK(table.add(1, {0, "192.0.2.1"}) == Verdict::admitted);
  CHECK(table.add(2, {1, "192.0.2.1"}) == Verdict::admitted);
  CHECK(table.add(3, {0, "192.0.2.1"}) == Verdict::too_many_of_address);
  CHECK(table.add(4, {0, "192.0.2.2"}) == Verdict::admitted);
  for (int i = 10; i < 20; ++i)
    CHECK(table.add(i, {0, i % 2 == 0 ? "127.0.0.1" : ""}) == Verdict::admitted);
  CHECK(table.find(3) == nullptr);
  CHECK(table.of_address("192.0.2.1") == 2);
  CHECK(table.from("192.0.2.1").size() == 2);
  CHECK(table.of_endpoint(1) == 1);
  table.remove(2);
  CHECK(table.of_endpoint(1) == 0);
  CHECK(table.add(3, {0, "192.0.2.1"}) == Verdict::admitted);
}

TEST_CASE("all together have a bound, this machine's among them") {
  ConnectionTable table;
  table.set_limits({2, 10});
  CHECK(table.add(1, {0, "127.0.0.1"}) == Verdict::admitted);
  CHECK(table.add(2, {0, "192.0.2.1"}) == Verdict::admitted);
  CHECK(table.add(3, {0, ""}) == Verdict::too_many);
  table.remove(7); // one that is not there
  CHECK(table.size() == 2);
}

TEST_CASE("who comes with a descriptor that is known stands in the place of who had it") {
  ConnectionTable table;
  table.set_limits({10, 1});
  table.add(5, {0, "192.0.2.1", "somebody", 3000});
  CHECK(table.add(5, {1, "192.0.2.1"}) == Verdict::admitted);
  REQUIRE(table.find(5));
  CHECK(table.find(5)->user.empty());
  CHECK(table.shared_topics() == 0);
  CHECK(table.of_endpoint(0) == 0);
  CHECK(table.of_endpoint(1) == 1);
  CHECK(table.of_address("192.0.2.1") == 1);
  CHECK(table.which([](const auto& one) { return one.endpoint == 1; }) == std::vector<int>{5});
}

TEST_CASE("what listeners name is counted beyond what each may, and goes with them") {
  ConnectionTable table;
  table.add(1, {0, "192.0.2.1"});
  table.add(2, {0, "192.0.2.2"});
  CHECK_FALSE(table.busiest_listener());
  table.add_topics(*table.find(1), 200);
  CHECK(table.shared_topics() == 0);
  CHECK(table.busiest_listener() == 1);
  table.add_topics(*table.find(2), 1000);
  table.add_topics(*table.find(2), 24);
  CHECK(table.find(2)->topics == 1024);
  CHECK(table.shared_topics() == 1024 - 256);
  CHECK(table.busiest_listener() == 2);
  table.remove(2);
  CHECK(table.shared_topics() == 0);
  CHECK(table.busiest_listener() == 1);
}
