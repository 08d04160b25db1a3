#include "controller/sequence.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

/// Market data first, then orders, which need risk as well.
struct Fleet {
  config::Host host;
  config::Manager market, risk, orders;
  std::vector<Chosen> chosen;

  Fleet() {
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
  const Fleet fleet;
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
  const Fleet fleet;
  Sequence sequence(Operation::start, fleet.chosen);
  sequence.finished(risk, false);
  CHECK(sequence.turn(orders) == Turn::never);
  CHECK(sequence.blocked_by(orders) == "RiskChecker");
}

TEST_CASE("a stop goes the other way round") {
  const Fleet fleet;
  Sequence sequence(Operation::stop, fleet.chosen);
  CHECK(sequence.turn(orders) == Turn::now);
  CHECK(sequence.turn(market) == Turn::later);
  sequence.finished(orders, true);
  CHECK(sequence.turn(market) == Turn::now);
  CHECK(sequence.turn(risk) == Turn::now);
}

TEST_CASE("who is not chosen is not waited for") {
  Fleet fleet;
  fleet.chosen.resize(1);
  Sequence sequence(Operation::start, fleet.chosen);
  CHECK_FALSE(sequence.orders_any());
  CHECK(sequence.turn(orders) == Turn::now);
}

} // namespace controller
