#include "controller/sequence.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

/// Market data first, then orders, which need risk as well.
struct OrderedFleet {
  config::Host host;
  config::Manager market, risk, orders;
  std::vector<Chosen> chosen;

  OrderedFleet() {
    market.id = "MarketData";
    risk.id = "RiskChecker";
    orders.id = "OrderProcessor";
    orders.after = {"MarketData", "RiskChecker", "NotChosen"};
    chosen = {{&host, &orders, true}, {&host, &market, true}, {&host, &risk, true}};
  }
};

constexpr std::size_t orders = 0, market = 1, risk = 2;
using Turn = Sequence::Turn;

} // namespace

TEST_CASE("a start waits for all it is after") {
  const OrderedFleet fleet;
  Sequence sequence(Operation::start, fleet.chosen);
  CHECK(sequence.orders_any());
  CHECK(sequence.turn(market) == Turn::now);
  CHECK(sequence.turn(orders) == Turn::later);
  sequence.finished(market, true);
  CHECK(sequence.turn(orders) == Turn::later);
  sequence.finished(risk, true);
  CHECK(sequence.turn(orders) == Turn::now);
}

TEST_CASE("what comes after a failure never has its turn, and says because of whom") {
  const OrderedFleet fleet;
  Sequence sequence(Operation::start, fleet.chosen);
  sequence.finished(risk, false);
  CHECK(sequence.turn(orders) == Turn::never);
  CHECK(sequence.why_never(orders) == "RiskChecker did not succeed");
}

TEST_CASE("a stop goes the other way round") {
  const OrderedFleet fleet;
  Sequence sequence(Operation::stop, fleet.chosen);
  CHECK(sequence.turn(orders) == Turn::now);
  CHECK(sequence.turn(market) == Turn::later);
  sequence.finished(orders, true);
  CHECK(sequence.turn(market) == Turn::now);
  CHECK(sequence.turn(risk) == Turn::now);
}

TEST_CASE("a rolling change has its places over all hosts, in the order chosen") {
  OrderedFleet fleet;
  fleet.orders.after.clear();
  fleet.chosen = {{&fleet.host, &fleet.orders, true},
                  {&fleet.host, &fleet.market, true},
                  {&fleet.host, &fleet.risk, true}};
  Sequence sequence(Operation::restart, fleet.chosen, {1, true});
  CHECK(sequence.orders_any());
  CHECK_FALSE(sequence.begin(1)); // the first has not had its turn, whoever asks first
  CHECK(sequence.begin(0));
  CHECK(sequence.turn(1) == Turn::later);
  sequence.finished(0, true);
  CHECK(sequence.turn(2) == Turn::later);
  CHECK(sequence.begin(1));
  sequence.finished(1, false);
  CHECK(sequence.turn(2) == Turn::never);
  CHECK(sequence.why_never(2) == "MarketData did not succeed");
  CHECK(sequence.stopped_by() == "MarketData did not succeed");
}

TEST_CASE("a failure that keeps nobody from anything stops nothing") {
  const OrderedFleet fleet;
  Sequence sequence(Operation::stop, fleet.chosen, {0, true});
  for (const auto position : {orders, market, risk})
    CHECK(sequence.begin(position) == (position == orders));
  sequence.finished(orders, true);
  CHECK(sequence.begin(market));
  CHECK(sequence.begin(risk));
  sequence.finished(risk, false);
  CHECK(sequence.stopped_by().empty());
  CHECK(sequence.turn(market) == Turn::now); // it is under way
}

TEST_CASE("steps say who would be under way together") {
  const OrderedFleet fleet;
  using Steps = std::vector<std::vector<std::size_t>>;
  CHECK(steps(Operation::start, fleet.chosen, 0) == Steps{{market, risk}, {orders}});
  CHECK(steps(Operation::stop, fleet.chosen, 0) == Steps{{orders}, {market, risk}});
  CHECK(steps(Operation::restart, fleet.chosen, 1) == Steps{{market}, {risk}, {orders}});
}

TEST_CASE("who is not chosen is not waited for") {
  OrderedFleet fleet;
  fleet.chosen.resize(1);
  Sequence sequence(Operation::start, fleet.chosen);
  CHECK_FALSE(sequence.orders_any());
  CHECK(sequence.turn(orders) == Turn::now);
}

} // namespace controller
