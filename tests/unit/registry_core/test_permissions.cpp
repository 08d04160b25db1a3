#include "registry_core/security/permissions.hpp"

#include <doctest/doctest.h>

using namespace registry_core;

namespace {

Client client(Permissions permissions) {
  return {"orders", std::string(40, '0'), std::move(permissions)};
}

std::string denial(const Permissions& permissions, const protocol::Request& request) {
  const auto instead = restricted(client(permissions), request);
  if (!instead) return "";
  const auto* refusal = std::get_if<protocol::Refusal>(&*instead);
  if (!refusal) return "";
  CHECK(refusal->code == protocol::ErrorCode::not_authorized);
  return refusal->error;
}

Permissions some() {
  Permissions permissions;
  permissions.register_names = {"Order*"};
  permissions.look_up = {"Order*", "Price"};
  permissions.list = {"Order*"};
  permissions.managers = {"OrderProcessor"};
  return permissions;
}

const protocol::RegisterActor order_processor{"OrderProcessor", "Order1", "tcp://h:1", {}, {}};

} // namespace

TEST_CASE("without lists everything is allowed, and nothing is looked at") {
  const Permissions all;
  CHECK(all.is_everything());
  CHECK(all.may_listen());
  CHECK(denial(all, order_processor).empty());
  CHECK(denial(all, protocol::LookupActor{"x"}).empty());
  CHECK(all.may_list_actor("x"));
  CHECK(all.may_list_manager("x"));
}

TEST_CASE("an empty list allows nothing") {
  Permissions none;
  none.register_names.emplace();
  none.look_up.emplace();
  none.list.emplace();
  none.managers.emplace();
  CHECK_FALSE(none.is_everything());
  CHECK_FALSE(none.may_listen());
  CHECK_FALSE(none.may_list_actor("x"));
  CHECK_FALSE(none.may_list_manager("x"));
  CHECK(denial(none, protocol::LookupActor{"x"}) == "client 'orders' may not look up 'x'");
  CHECK(denial(none, protocol::UnregisterActor{"x", {}, {}}) == "client 'orders' may not unregister 'x'");
  CHECK(denial(none, protocol::Heartbeat{"M", {}, {}}) == "client 'orders' may not speak for manager 'M'");
  CHECK(denial(none, protocol::RegistryInfo{}).empty());
  CHECK(denial(none, protocol::ListActors{}).empty()); // of which it sees nothing
}

TEST_CASE("names and managers are allowed by their patterns") {
  CHECK(denial(some(), order_processor).empty());
  auto other = order_processor;
  other.actor_name = "Risk";
  CHECK(denial(some(), other) == "client 'orders' may not register 'Risk'");
  other = order_processor;
  other.manager_id = "Other";
  CHECK(denial(some(), other) == "client 'orders' may not speak for manager 'Other'");
  CHECK(denial(some(), protocol::LookupActor{"Price"}).empty());
  CHECK_FALSE(denial(some(), protocol::LookupActor{"Prices"}).empty());
  CHECK(denial(some(), protocol::LookupActors{{"Price", "Order1"}}).empty());
  CHECK(denial(some(), protocol::LookupActors{{"Price", "Risk"}}) ==
        "client 'orders' may not look up 'Risk'");
  CHECK(denial(some(), protocol::UnregisterManager{"OrderProcessor", {}, true}).empty());
  CHECK_FALSE(denial(some(), protocol::UnregisterManager{"Other", {}, true}).empty());
  CHECK_FALSE(denial(some(), protocol::ExpectOffline{"Other", 5, {}}).empty());
}

TEST_CASE("who may register a name may unregister it, unless it is said otherwise") {
  CHECK(denial(some(), protocol::UnregisterActor{"Order1", {}, {}}).empty());
  CHECK_FALSE(denial(some(), protocol::UnregisterActor{"Price", {}, {}}).empty());
  CHECK_FALSE(denial(some(), protocol::UnregisterActor{"Order1", "Other", {}}).empty());
  auto cleaner = some();
  cleaner.unregister = {"Price"};
  CHECK(denial(cleaner, protocol::UnregisterActor{"Price", {}, {}}).empty());
  CHECK_FALSE(denial(cleaner, protocol::UnregisterActor{"Order1", {}, {}}).empty());
}

TEST_CASE("what is refused for a registration is a refusal of a registration") {
  auto other = order_processor;
  other.actor_name = "Risk";
  const auto instead = restricted(client(some()), other);
  REQUIRE(instead);
  const auto& refusal = std::get<protocol::Refusal>(*instead);
  CHECK(refusal.is_registration);
  CHECK(refusal.actor_name == "Risk");
}

TEST_CASE("of a batch, each name is judged by itself") {
  protocol::RegisterActors batch{"OrderProcessor", {{"Order1", "tcp://h:1"}, {"Risk", "tcp://h:2"}}, {}, {}};
  batch.actors.push_back({"Wrong", "nowhere", "actor_endpoint: expected an endpoint"});
  const auto instead = restricted(client(some()), batch);
  REQUIRE(instead);
  const auto& marked = std::get<protocol::RegisterActors>(*instead);
  CHECK(marked.actors[0].fault.empty());
  CHECK(marked.actors[1].fault == "client 'orders' may not register 'Risk'");
  CHECK(marked.actors[1].fault_code == protocol::ErrorCode::not_authorized);
  CHECK(marked.actors[2].fault_code == protocol::ErrorCode::invalid_field);
  batch.manager_id = "Other";
  CHECK(denial(some(), batch) == "client 'orders' may not speak for manager 'Other'");
}

TEST_CASE("lists show what their patterns allow, and a manager that one may speak for") {
  CHECK(some().may_list_actor("Order2"));
  CHECK_FALSE(some().may_list_actor("Risk"));
  CHECK(some().may_list_manager("OrderProcessor"));
  CHECK_FALSE(some().may_list_manager("Risk"));
  CHECK_FALSE(some().may_listen());
  auto every = some();
  every.list = {"x", "*"};
  CHECK(every.may_listen());
}

TEST_CASE("clients are found by their keys") {
  const Clients clients({client(some())});
  REQUIRE(clients.find(std::string(40, '0')));
  CHECK(clients.find(std::string(40, '0'))->name == "orders");
  CHECK(clients.find(std::string(40, '1')) == nullptr);
  CHECK(clients.find("") == nullptr);
  CHECK(clients.size() == 1);
}
