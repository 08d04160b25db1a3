#include "registry_core/security/access.hpp"

#include <doctest/doctest.h>

using namespace registry_core;
using Outcome = Access::Outcome;

namespace {

const std::string known(40, '0');

/// 0: plain; 1: plain, with networks; 2: CURVE; 3: CURVE for listeners, with networks.
Access access() {
  const Networks networks({"10.0.0.0/8", "fe80::/10"});
  Client one{"one", known, {}};
  Client other{"other", std::string(40, '1'), {}};
  other.permissions.list = {"Order*"};
  Access access;
  access.set_endpoints(
      {{false, false, {}}, {false, false, networks}, {true, false, {}}, {true, true, networks}});
  access.set_clients(std::make_shared<const Clients>(std::vector{one, other}));
  return access;
}

Outcome outcome(std::string domain, std::string address, std::string mechanism, std::string key = "") {
  return access()
      .judge({std::move(domain), std::move(address), std::move(mechanism), std::move(key)})
      .outcome;
}

} // namespace

TEST_CASE("a plain endpoint admits everybody, or whom its networks hold") {
  CHECK(outcome("0", "192.0.2.1", "NULL") == Outcome::admitted);
  CHECK(outcome("0", "", "NULL") == Outcome::admitted);
  CHECK(outcome("1", "10.1.2.3", "NULL") == Outcome::admitted);
  CHECK(outcome("1", "192.0.2.1", "NULL") == Outcome::address_refused);
  CHECK(outcome("1", "fe80::1%eth0", "NULL") == Outcome::admitted);
  CHECK(outcome("1", "", "NULL") == Outcome::address_refused);
}

TEST_CASE("CURVE admits the keys that are trusted, and says whose they are") {
  CHECK(outcome("2", "192.0.2.1", "CURVE", known) == Outcome::admitted);
  CHECK(access().judge({"2", "192.0.2.1", "CURVE", known}).client->name == "one");
  CHECK(outcome("2", "192.0.2.1", "CURVE", std::string(40, '2')) == Outcome::unknown_key);
  CHECK(outcome("2", "192.0.2.1", "CURVE") == Outcome::unknown_key);
  CHECK(outcome("2", "192.0.2.1", "NULL", known) == Outcome::unknown_key);
}

TEST_CASE("events are for those who may list every name, from where the endpoint allows") {
  CHECK(outcome("3", "10.0.0.1", "CURVE", known) == Outcome::admitted);
  CHECK(outcome("3", "192.0.2.1", "CURVE", known) == Outcome::address_refused);
  CHECK(outcome("3", "10.0.0.1", "CURVE", std::string(40, '1')) == Outcome::no_listener);
  CHECK(outcome("2", "10.0.0.1", "CURVE", std::string(40, '1')) == Outcome::admitted);
}

TEST_CASE("a domain that is none admits nobody") {
  for (const std::string domain : {"", "4", "-1", "0x", "99999999999999999999"})
    CHECK(outcome(domain, "10.0.0.1", "NULL") == Outcome::address_refused);
}

TEST_CASE("without clients nobody is trusted") {
  Access access;
  access.set_endpoints({{true, false, {}}});
  CHECK(access.has_curve());
  CHECK(access.client(known) == nullptr);
  access.set_clients(nullptr);
  CHECK(access.judge({"0", "10.0.0.1", "CURVE", known}).outcome == Outcome::unknown_key);
}
