#include "actors/registry/RegistryQuery.hpp"

#include "actors/registry/RegistryClient.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>

using namespace actors::registry;
using nlohmann::json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// An endpoint of this machine on which nobody answers.
class DeadEndpoint {
public:
  DeadEndpoint() { socket_.bind("tcp://127.0.0.1:*"); } // takes connections and requests, and says nothing
  std::string endpoint() { return socket_.get(zmq::sockopt::last_endpoint); }

private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::router};
};

std::string found(const json& request, const std::string& endpoint) {
  return json{{"message_type", "LookupResult"},
              {"request_id", request["request_id"]},
              {"actor_name", request["actor_name"]},
              {"endpoint", endpoint},
              {"online", true}}
      .dump();
}

} // namespace

TEST_CASE("lookups, lists and the registry's state") {
  registry_core::ServerOptions options;
  options.heartbeat_timeout = milliseconds(400);
  RunningServer server(options);
  RegistryQuery query({server.endpoint()});
  CHECK_THROWS_WITH_AS(query.lookup("A"), "no actor named 'A' is registered", ActorNotFoundError);

  RegistryClient client("M", server.endpoint());
  client.register_actor("A", "tcp://h:1");
  client.register_actor("B", "tcp://h:2");
  CHECK(query.lookup("A") == "tcp://h:1");
  CHECK(query.list_actors().size() == 2);
  REQUIRE(query.list_actors("B*").size() == 1);
  CHECK(query.list_actors("B*")[0].manager_id == "M");
  const auto managers = query.list_managers();
  REQUIRE(managers.size() == 1);
  CHECK(managers[0].actors == 2);
  CHECK(managers[0].address == "127.0.0.1");
  CHECK(managers[0].instance);
  CHECK(managers[0].process->language == "c++");
  const auto info = query.info();
  CHECK(info.store == "memory");
  CHECK(info.counts.at("actors") == 2);
  CHECK(info.counters.at("request.RegisterActor") == 2);

  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (query.lookup_allow_offline("A").second)
    REQUIRE(Clock::now() < deadline);
  CHECK(query.lookup_allow_offline("A").first == "tcp://h:1");
  CHECK_THROWS_AS(query.lookup("A"), ActorOfflineError);
}

TEST_CASE("long lists come whole, page by page") {
  RunningServer server;
  RegistryClient client("M", server.endpoint());
  for (int i = 0; i < 2500; ++i)
    client.register_actor("A" + std::to_string(i), "tcp://h:1");
  CHECK(RegistryQuery({server.endpoint()}).list_actors().size() == 2500);
}

TEST_CASE(
    "silence is a TimeoutError in time that names the endpoint, and the query is good for the next call") {
  DeadEndpoint dead;
  RegistryQuery query({dead.endpoint()}, milliseconds(200));
  const std::string expected = "registry " + dead.endpoint() + " does not answer within 0.2 s";
  for (int i = 0; i < 2; ++i) {
    const auto begin = Clock::now();
    CHECK_THROWS_WITH_AS(query.info(), expected.c_str(), TimeoutError);
    CHECK(Clock::now() - begin >= milliseconds(200));
    CHECK(Clock::now() - begin < milliseconds(1500));
  }
}

TEST_CASE("of a list of endpoints the first answer wins, and the last good one is asked first") {
  DeadEndpoint dead;
  RunningServer server;
  RegistryQuery query({dead.endpoint(), server.endpoint()}, milliseconds(1000));
  query.info();
  const auto begin = Clock::now();
  query.info();
  CHECK(Clock::now() - begin < milliseconds(400));
  server.stop();
  const std::string both =
      "registry " + dead.endpoint() + ", " + server.endpoint() + " does not answer within 1 s";
  CHECK_THROWS_WITH_AS(query.info(), both.c_str(), TimeoutError);
}

TEST_CASE("a reply to another request is never taken for this one's") {
  FakeRegistry fake([](const json& request) {
    auto other = request;
    other["request_id"] = request["request_id"].get<int>() - 1;
    return std::vector<std::string>{found(other, "tcp://wrong:1"), found(request, "tcp://right:1")};
  });
  RegistryQuery query({fake.endpoint()});
  for (int i = 0; i < 3; ++i)
    CHECK(query.lookup("A") == "tcp://right:1");
}

TEST_CASE("a reply that comes after its call gave up is not taken for a later one's") {
  int requests = 0;
  std::string late;
  FakeRegistry fake([&](const json& request) -> std::vector<std::string> {
    if (++requests == 1) {
      late = found(request, "tcp://late:1");
      return {};
    }
    return {late, found(request, "tcp://right:1")};
  });
  RegistryQuery query({fake.endpoint()}, milliseconds(300));
  CHECK_THROWS_AS(query.lookup("A"), TimeoutError);
  CHECK(query.lookup("A") == "tcp://right:1");
}

TEST_CASE("garbage is no answer, and a malformed reply is said") {
  FakeRegistry fake([](const json& request) {
    const json half = {{"message_type", "LookupResult"}, {"request_id", request["request_id"]}};
    return std::vector<std::string>{"garbage", "[]", "{}", half.dump()};
  });
  RegistryQuery query({fake.endpoint()});
  CHECK_THROWS_AS(query.lookup("A"), RegistryError);
}

TEST_CASE("an Error is a RegistryError with the endpoint in it") {
  RunningServer server;
  RegistryQuery query({server.endpoint()});
  try {
    query.lookup("");
    FAIL("it was accepted");
  } catch (const RegistryError& error) {
    CHECK(std::string(error.what()).starts_with("registry " + server.endpoint() + ": actor_name: expected "));
  }
  CHECK_THROWS_AS(query.lookup(std::string(100'000, 'x')), RegistryError);
  CHECK_THROWS_AS(query.lookup("\xFF"), RegistryError);
  CHECK_THROWS_AS(RegistryQuery({}), RegistryError);
  CHECK_THROWS_AS(RegistryQuery({"nonsense"}).info(), RegistryError);
}
