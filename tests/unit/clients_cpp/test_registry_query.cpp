#include "actors/registry/RegistryQuery.hpp"

#include "actors/registry/RegistryClient.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>

#include <map>

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
  options.settings.heartbeat_timeout = milliseconds(400);
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
    CHECK(Clock::now() - begin < std::chrono::seconds(4));
  }
}

TEST_CASE("of a list of endpoints the first answer wins, and the last good one is asked first") {
  DeadEndpoint dead;
  RunningServer server;
  RegistryQuery query({dead.endpoint(), server.endpoint()}, milliseconds(5000));
  query.info();
  const auto begin = Clock::now();
  query.info();
  CHECK(Clock::now() - begin < milliseconds(2400));
  server.stop();
  const std::string both =
      "registry " + dead.endpoint() + ", " + server.endpoint() + " does not answer within 0.5 s";
  RegistryQuery hurried({dead.endpoint(), server.endpoint()}, milliseconds(500));
  CHECK_THROWS_WITH_AS(hurried.info(), both.c_str(), TimeoutError);
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
  std::string late;
  FakeRegistry fake([&](const json& request) -> std::vector<std::string> {
    if (request["actor_name"] == "A") {
      late = found(request, "tcp://late:1");
      return {};
    }
    return {late, found(request, "tcp://right:1")};
  });
  RegistryQuery query({fake.endpoint()}, milliseconds(1500));
  CHECK_THROWS_AS(query.lookup("A"), TimeoutError);
  CHECK(query.lookup("B") == "tcp://right:1");
}

TEST_CASE("what is not answered is asked again, and a second answer is not taken for the next call's") {
  std::vector<json> asked;
  FakeRegistry fake([&](const json& request) -> std::vector<std::string> {
    if (request["actor_name"] != "A") return {found(request, "tcp://right:1")};
    asked.push_back(request);
    if (asked.size() == 1) return {};
    return {found(request, "tcp://a:1"), found(request, "tcp://second:1")};
  });
  RegistryQuery query({fake.endpoint()}, milliseconds(2500));
  CHECK(query.lookup("A") == "tcp://a:1");
  CHECK(query.lookup("B") == "tcp://right:1");
  REQUIRE(asked.size() >= 2);
  CHECK(asked[0] == asked[1]);
}

TEST_CASE("a second answer is not taken for the next call's where it has no id either") {
  int asked = 0;
  FakeRegistry fake([&](const json& request) -> std::vector<std::string> {
    if (request["actor_name"] == "B") return {found(request, "tcp://right:1")};
    const std::string refused = R"({"message_type":"Error","code":"too_large","error":"over 64 KiB"})";
    if (++asked == 1) return {};
    return {refused, refused};
  });
  RegistryQuery query({fake.endpoint()}, milliseconds(2500));
  CHECK_THROWS_AS(query.lookup("A"), RegistryError);
  CHECK(query.lookup("B") == "tcp://right:1");
}

TEST_CASE("what could hit a later registration is not asked again") {
  std::map<std::string, int> asked;
  FakeRegistry fake([&](const json& request) -> std::vector<std::string> {
    const std::string type = request["message_type"];
    if (++asked[type] < 2 || type != "ExpectOffline") return {};
    return {json{{"message_type", "Expected"}, {"request_id", request["request_id"]}, {"seconds", 1}}.dump()};
  });
  RegistryQuery query({fake.endpoint()}, milliseconds(200));
  CHECK_THROWS_AS(query.unregister_actor("A"), TimeoutError);
  CHECK_THROWS_AS(query.unregister_actor("A", "M"), TimeoutError);
  CHECK_THROWS_AS(query.say_goodbye("M"), TimeoutError);
  CHECK(RegistryQuery({fake.endpoint()}, milliseconds(2500)).expect_offline("M", 1) == 1);
  CHECK(asked["ExpectOffline"] >= 2);
  CHECK(asked["UnregisterActor"] <= 2);
  CHECK(asked["UnregisterManager"] <= 1);
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

TEST_CASE("many names are looked up in as few requests as they fit in, in their order") {
  std::vector<std::size_t> asked;
  FakeRegistry fake([&](const json& request) {
    CHECK(request["message_type"] == "LookupActors");
    CHECK(request.dump().size() < 56 * 1024);
    asked.push_back(request["actor_names"].size());
    json reply = {{"message_type", "LookupResults"}, {"request_id", request["request_id"]}};
    reply["results"] = json::array();
    for (const json& name : request["actor_names"])
      reply["results"].push_back({{"actor_name", name}, {"endpoint", nullptr}, {"online", false}});
    reply["results"][0].update(
        {{"endpoint", "tcp://h:1"}, {"online", true}, {"suspect", true}, {"manager_id", "M"}});
    return std::vector<std::string>{reply.dump()};
  });
  RegistryQuery query({fake.endpoint()});
  CHECK(query.lookup_many({}).empty());
  CHECK(asked.empty());
  std::vector<std::string> names;
  for (int i = 0; i < 1001; ++i)
    names.push_back("A" + std::to_string(i));
  const auto found = query.lookup_many(names);
  CHECK(asked == std::vector<std::size_t>{1000, 1});
  REQUIRE(found.size() == 1001);
  CHECK(found[0].endpoint == "tcp://h:1");
  CHECK(found[0].suspect);
  CHECK(found[0].manager_id == "M");
  CHECK_FALSE(found[1].endpoint);
  CHECK(found[999].actor_name == "A999");
  asked.clear();
  CHECK(query.lookup_many(std::vector<std::string>(400, std::string(250, '\\'))).size() == 400);
  CHECK(asked.size() > 1);
}

TEST_CASE("what a shell asks for is asked as it is") {
  std::vector<json> requests;
  FakeRegistry fake([&](const json& request) {
    json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "ExpectOffline")
      reply.update({{"message_type", "Expected"}, {"manager_id", "M"}, {"seconds", 7.5}});
    else if (request["message_type"] == "UnregisterManager")
      reply.update({{"message_type", "ManagerUnregistered"}, {"actors", 3}});
    else
      reply.update({{"message_type", "RegistrationOk"},
                    {"actor_endpoint", "tcp://192.0.2.1:1"},
                    {"local_only", true}});
    requests.push_back(request);
    requests.back().erase("request_id");
    return std::vector<std::string>{reply.dump()};
  });
  RegistryQuery query({fake.endpoint()});
  CHECK(query.expect_offline("M", 7.5, "why") == 7.5);
  CHECK(query.expect_offline("M", 0) == 7.5);
  CHECK(query.say_goodbye("M", true) == 3);
  const auto stored = query.register_actor("A", "tcp://*:1", "M");
  CHECK(stored.endpoint == "tcp://192.0.2.1:1");
  CHECK(stored.local_only);
  query.unregister_actor("A");
  query.unregister_actor("A", "M");
  REQUIRE(requests.size() == 6);
  CHECK(requests[0] ==
        json{{"message_type", "ExpectOffline"}, {"manager_id", "M"}, {"seconds", 7.5}, {"reason", "why"}});
  CHECK(requests[1] == json{{"message_type", "ExpectOffline"}, {"manager_id", "M"}, {"seconds", 0.0}});
  CHECK(requests[2] == json{{"message_type", "UnregisterManager"}, {"manager_id", "M"}, {"forget", true}});
  CHECK(requests[3] == json{{"message_type", "RegisterActor"},
                            {"manager_id", "M"},
                            {"actor_name", "A"},
                            {"actor_endpoint", "tcp://*:1"}});
  CHECK(requests[4] == json{{"message_type", "UnregisterActor"}, {"actor_name", "A"}});
  CHECK(requests[5] == json{{"message_type", "UnregisterActor"}, {"actor_name", "A"}, {"manager_id", "M"}});
}

TEST_CASE("what is expected, doubted and published is told") {
  FakeRegistry fake([](const json& request) {
    json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "ListManagers") {
      json manager = {{"manager_id", "M"}, {"online", true},      {"suspect", true},    {"age_s", 8.0},
                      {"actors", 1},       {"instance", nullptr}, {"process", nullptr}, {"address", ""}};
      manager["expected"] = {{"seconds", 12.5}, {"reason", "planned"}};
      json other = manager;
      other["suspect"] = false;
      other["expected"] = {{"seconds", 1}};
      reply.update({{"message_type", "ManagerList"}, {"managers", {manager, other}}});
    } else {
      reply.update({{"message_type", "RegistryInfo"},
                    {"version", "1"},
                    {"epoch", "e"},
                    {"run", "r"},
                    {"store", "memory"},
                    {"uptime_s", 1},
                    {"counts", json::object()},
                    {"counters", json::object()},
                    {"events_endpoint", "tcp://h:2"},
                    {"warnings", json::array()}});
    }
    return std::vector<std::string>{reply.dump()};
  });
  RegistryQuery query({fake.endpoint()});
  const auto managers = query.list_managers();
  REQUIRE(managers.size() == 2);
  CHECK(managers[0].suspect);
  REQUIRE(managers[0].expected);
  CHECK(managers[0].expected->seconds == 12.5);
  CHECK(managers[0].expected->reason == "planned");
  CHECK_FALSE(managers[1].suspect);
  CHECK(managers[1].expected->reason.empty());
  CHECK(query.info().events_endpoint == "tcp://h:2");
}

TEST_CASE("a refusal has the registry's word for it, and says what may be tried again") {
  std::string type = "Error";
  FakeRegistry fake([&](const json& request) {
    return std::vector<std::string>{json{
        {"message_type", type},
        {"request_id", request["request_id"]},
        {"actor_name", "A"},
        {"code", "unavailable"},
        {"error", "disk full"},
        {"reason", "disk full"}}.dump()};
  });
  RegistryQuery query({fake.endpoint()});
  const std::string error =
      "registry " + fake.endpoint() + ": disk full; nothing was changed, and it may be tried again";
  try {
    query.say_goodbye("M");
    FAIL("it was accepted");
  } catch (const RegistryError& refusal) {
    CHECK(refusal.what() == error);
    CHECK(refusal.code() == "unavailable");
  }
  type = "RegistrationFailed";
  try {
    query.register_actor("A", "tcp://h:1", "M");
    FAIL("it was accepted");
  } catch (const RegistrationFailedError& refusal) {
    CHECK(std::string(refusal.what()).ends_with("disk full; nothing was changed, and it may be tried again"));
    CHECK(refusal.reason() == "disk full");
    CHECK(refusal.code() == "unavailable");
  }
}

TEST_CASE("a call that is cancelled ends soon") {
  DeadEndpoint dead;
  RegistryQuery query({dead.endpoint()}, std::chrono::seconds(30));
  const auto begin = Clock::now();
  query.cancel_when([&] { return Clock::now() - begin > milliseconds(100); });
  CHECK_THROWS_AS(query.info(), TimeoutError);
  CHECK(Clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("a registry does what a shell asks for") {
  RunningServer server;
  RegistryQuery query({server.endpoint()});
  CHECK(query.register_actor("A", "tcp://h:1", "M").endpoint == "tcp://h:1");
  CHECK(query.register_actor("B", "tcp://h:2", "M").endpoint == "tcp://h:2");
  const auto found = query.lookup_many({"B", "C", "A"});
  REQUIRE(found.size() == 3);
  CHECK(found[0].endpoint == "tcp://h:2");
  CHECK_FALSE(found[1].endpoint);
  CHECK(found[2].online);
  CHECK(query.expect_offline("M", 30, "maintenance") == doctest::Approx(30).epsilon(0.1));
  REQUIRE(query.list_managers()[0].expected);
  CHECK(query.list_managers()[0].expected->reason == "maintenance");
  CHECK(query.expect_offline("M", 0) == 0);
  CHECK_FALSE(query.list_managers()[0].expected);
  CHECK(query.expect_offline("nobody", 30) == 0);
  CHECK_THROWS_AS(query.unregister_actor("A", "N"), RegistrationFailedError);
  query.unregister_actor("A", "M");
  CHECK(query.say_goodbye("M") == 1);
  CHECK_THROWS_AS(query.lookup("B"), ActorOfflineError);
  CHECK(query.say_goodbye("M", true) == 1);
  CHECK_THROWS_AS(query.lookup("B"), ActorNotFoundError);
  CHECK(query.list_managers().empty());
}
