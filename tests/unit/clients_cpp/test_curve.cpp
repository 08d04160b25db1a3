#include "actors/registry/RegistryClient.hpp"
#include "actors/registry/RegistryEvents.hpp"

#include "tests/unit/clients_cpp/curve_registry.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"
#include "tests/unit/kept_port.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace actors::registry;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

/// So long that only what comes before it can have been an answer.
constexpr seconds long_time(60);

/// The first of what next() gives that is no ListAgain.
std::optional<RegistryEvent> next_event(RegistryEvents& events) {
  const auto deadline = Clock::now() + long_time;
  while (Clock::now() < deadline) {
    const auto next = events.next(deadline);
    if (const auto* const event = std::get_if<RegistryEvent>(&next)) return *event;
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("a registry that encrypts is asked and listened to with its key") {
  const KeyTexts keys;
  CurveRegistry registry(keys);
  RegistryQuery query({registry.endpoint()}, long_time, CurveKeys(keys.public_key));
  CHECK(query.lookup("A") == "tcp://h:1");
  CHECK(query.lookup("A") == "tcp://h:1");
  RegistryEvents events({registry.endpoint()}, {}, long_time, CurveKeys(keys.public_key));
  const auto event = next_event(events);
  REQUIRE(event);
  CHECK(event->event == "tick");
}

TEST_CASE("who is refused is told so by every kind of client, and served once it is trusted") {
  const KeyTexts keys;
  CurveRegistry registry(keys);
  registry.trusts_clients = false;
  const CurveKeys of_registry(keys.public_key);
  RegistryQuery query({registry.endpoint()}, long_time, of_registry);
  RegistryClient client("M", registry.endpoint(), long_time, of_registry);
  const auto listen = [&] { return RegistryEvents({registry.endpoint()}, {}, long_time, of_registry); };
  CHECK_THROWS_AS(query.lookup("A"), KeyNotAcceptedError);
  CHECK_THROWS_AS(client.lookup("A"), KeyNotAcceptedError);
  CHECK_THROWS_AS(client.register_actors({{"A", "tcp://h:1"}}), KeyNotAcceptedError);
  CHECK_THROWS_AS(listen(), KeyNotAcceptedError);
  registry.trusts_clients = true;
  CHECK(query.lookup("A") == "tcp://h:1");
  CHECK(client.lookup("A") == "tcp://h:1");
  CHECK_NOTHROW(listen());
}

TEST_CASE("who may ask and not listen is told so, and hears what is published once it may") {
  const KeyTexts keys;
  CurveRegistry registry(keys);
  registry.trusts_listeners = false;
  RegistryEvents events({registry.endpoint()}, {}, long_time, CurveKeys(keys.public_key));
  CHECK_THROWS_AS(next_event(events), KeyNotAcceptedError);
  CHECK_THROWS_AS(next_event(events), KeyNotAcceptedError);
  registry.trusts_listeners = true;
  CHECK(next_event(events));
}

TEST_CASE("a wrong server key, or CURVE on one side alone, is said with the endpoint") {
  const KeyTexts keys;
  const KeyTexts others;
  CurveRegistry registry(keys);
  FakeRegistry plain([](const nlohmann::json&) { return std::vector<std::string>{}; });
  RegistryQuery wrong({registry.endpoint()}, milliseconds(1000), CurveKeys(others.public_key));
  const std::string text =
      "registry " + registry.endpoint() + ": wrong server key, or one side is without CURVE";
  CHECK_THROWS_WITH_AS(wrong.lookup("A"), text.c_str(), HandshakeFailedError);
  RegistryQuery without({registry.endpoint()}, long_time, CurveKeys());
  CHECK_THROWS_AS(without.lookup("A"), HandshakeFailedError);
  RegistryQuery alone({plain.endpoint()}, milliseconds(1000), CurveKeys(keys.public_key));
  CHECK_THROWS_AS(alone.lookup("A"), HandshakeFailedError);
}

TEST_CASE("where one endpoint refuses and another is silent, the silence is what is said, with the reason "
          "beside it") {
  const KeyTexts keys;
  CurveRegistry registry(keys);
  registry.trusts_clients = false;
  const test::KeptPort silent;
  RegistryQuery query({registry.endpoint(), silent.endpoint()}, seconds(3), CurveKeys(keys.public_key));
  const std::string text = "registry " + registry.endpoint() + ", " + silent.endpoint() +
                           " does not answer within 3 s (" + registry.endpoint() +
                           ": key not accepted: the registry does not trust this client)";
  CHECK_THROWS_WITH_AS(query.lookup("A"), text.c_str(), TimeoutError);
}

TEST_CASE("what a registry does not permit has an error of its own") {
  FakeRegistry registry([](const nlohmann::json& request) {
    return std::vector<std::string>{nlohmann::json{{"message_type", "Error"},
                                                   {"request_id", request["request_id"]},
                                                   {"code", "not_authorized"},
                                                   {"error", "actor_name: not for this client"}}
                                        .dump()};
  });
  RegistryQuery query({registry.endpoint()}, long_time, CurveKeys());
  CHECK_THROWS_AS(query.lookup("A"), NotAuthorizedError);
  CHECK_THROWS_AS(query.list_actors(), NotAuthorizedError);
  RegistryClient client("M", registry.endpoint(), long_time, CurveKeys());
  try {
    client.lookup("A");
    FAIL("it was permitted");
  } catch (const RegistryError& error) {
    CHECK(error.code() == "not_authorized");
  }
}
