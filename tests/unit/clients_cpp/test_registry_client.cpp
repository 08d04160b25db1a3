#include "actors/registry/RegistryClient.hpp"

#include "tests/unit/clients_cpp/fake_registry.hpp"
#include "tests/unit/kept_port.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <optional>

using namespace actors::registry;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// HeardNotices of a client, to be waited for.
class HeardNotices {
public:
  std::function<void(const Notice&)> sink() {
    return [this](const Notice& notice) {
      const std::scoped_lock lock(mutex_);
      lines_ += notice.text + "\n";
    };
  }
  bool contains(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    return lines_.find(text) != std::string::npos;
  }

private:
  std::mutex mutex_;
  std::string lines_;
};

template<typename Condition>
bool comes_true(Condition condition, std::chrono::seconds within = std::chrono::seconds(15)) {
  const auto deadline = Clock::now() + within;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

registry_core::ServerOptions at(const std::string& endpoint) {
  registry_core::ServerOptions options;
  options.endpoints = {endpoint};
  return options;
}

struct FrameworkRef {
  [[nodiscard]] std::string endpoint() const { return where; }
  std::string where;
};

} // namespace

TEST_CASE("a manager registers, is found, and is refused what is another's") {
  RunningServer server;
  RegistryClient client("M", FrameworkRef{server.endpoint()});
  client.register_actor("A", "tcp://h:1");
  CHECK(client.lookup("A") == "tcp://h:1");
  CHECK(client.lookup_allow_offline("A") == std::pair<std::string, bool>("tcp://h:1", true));
  RegistryClient other("N", server.endpoint());
  try {
    other.register_actor("A", "tcp://h:2");
    FAIL("it was accepted");
  } catch (const RegistrationFailedError& error) {
    CHECK(error.actor_name() == "A");
    CHECK(error.reason() == "Name already registered by manager 'M'");
  }
  CHECK_THROWS_AS(other.unregister_actor("A"), RegistrationFailedError);
  client.unregister_actor("A");
  CHECK_THROWS_AS(client.lookup("A"), ActorNotFoundError);
}

TEST_CASE("a client that speaks for another process names that, and no language of its own") {
  RunningServer server;
  RegistryClient client("M", server.endpoint());
  client.speak_for(4711);
  client.register_actor("A", "tcp://h:1");
  const auto managers = RegistryQuery({server.endpoint()}, std::chrono::seconds(5)).list_managers();
  REQUIRE(managers.size() == 1);
  REQUIRE(managers[0].process);
  CHECK(managers[0].process->pid == 4711);
  CHECK(managers[0].process->host);
  CHECK_FALSE(managers[0].process->language);
  CHECK_FALSE(managers[0].process->version);
}

TEST_CASE("heartbeats keep a manager online, and their end takes it offline") {
  registry_core::ServerOptions options;
  options.settings.heartbeat_timeout = milliseconds(2600);
  RunningServer server(options);
  RegistryClient client("M", server.endpoint());
  client.register_actor("A", "tcp://h:1");
  client.start_heartbeat();
  client.start_heartbeat();
  const auto until = Clock::now() + milliseconds(4000);
  while (Clock::now() < until) {
    REQUIRE(client.lookup_allow_offline("A").second);
    std::this_thread::sleep_for(milliseconds(50));
  }
  client.stop_heartbeat();
  CHECK(comes_true([&] { return !client.lookup_allow_offline("A").second; }));
  CHECK_THROWS_AS(client.lookup("A"), ActorOfflineError);
}

TEST_CASE("a registry that comes back empty is told everything again, but not what was given up") {
  const test::KeptPort port;
  std::optional<RunningServer> server(std::in_place, at(port.endpoint()));
  HeardNotices notices;
  RegistryClient client("M", port.endpoint());
  client.on_notice(notices.sink());
  client.register_actor("A", "tcp://h:1");
  client.register_actor("B", "tcp://h:2");
  client.register_actor("C", "tcp://h:3");
  client.unregister_actor("C");
  client.start_heartbeat();
  server.reset();
  server.emplace(at(port.endpoint()));
  CHECK(comes_true([&] { return notices.contains("registered again: 2 actors"); }));
  CHECK(client.lookup("A") == "tcp://h:1");
  CHECK(client.lookup("B") == "tcp://h:2");
  CHECK_THROWS_AS(client.lookup("C"), ActorNotFoundError);
}

TEST_CASE("a manager that starts before the registry is heard as soon as that is there") {
  const test::KeptPort port;
  std::optional<RunningServer> server;
  HeardNotices notices;
  RegistryClient client("M", port.endpoint(), milliseconds(1500));
  client.on_notice(notices.sink());
  client.start_heartbeat();
  CHECK_THROWS_AS(client.register_actor("A", "tcp://h:1"), TimeoutError);
  CHECK(comes_true([&] { return notices.contains("does not acknowledge heartbeats"); }));
  server.emplace(at(port.endpoint()));
  CHECK(comes_true([&] { return notices.contains("answers again"); }));
  client.register_actor("A", "tcp://h:1");
  CHECK(client.lookup("A") == "tcp://h:1");
}

TEST_CASE("a newer life of the manager is said to the older one") {
  RunningServer server;
  HeardNotices notices;
  RegistryClient old_life("M", server.endpoint());
  old_life.on_notice(notices.sink());
  old_life.register_actor("A", "tcp://h:1");
  RegistryClient new_life("M", server.endpoint());
  new_life.register_actor("A", "tcp://h:2");
  old_life.start_heartbeat();
  CHECK(comes_true([&] { return notices.contains("superseded"); }));
  CHECK_THROWS_AS(old_life.register_actor("B", "tcp://h:1"), RegistrationFailedError);
  CHECK(new_life.lookup("A") == "tcp://h:2");
}

TEST_CASE("a name lost to another manager is said and left to it") {
  registry_core::ServerOptions options;
  options.settings.heartbeat_timeout = milliseconds(300);
  RunningServer server(options);
  HeardNotices notices;
  RegistryClient client("M", server.endpoint());
  client.on_notice(notices.sink());
  client.register_actor("A", "tcp://h:1");
  RegistryClient other("N", server.endpoint());
  REQUIRE(comes_true([&] { return !client.lookup_allow_offline("A").second; }));
  other.register_actor("A", "tcp://h:2");
  client.start_heartbeat();
  CHECK(comes_true([&] { return notices.contains("lost: another manager has taken over 'A'"); }));
  CHECK(client.lookup_allow_offline("A").first == "tcp://h:2");
}

TEST_CASE("a silent registry delays no heartbeat and no call beyond its timeout, from any thread") {
  std::atomic<int> heartbeats = 0;
  FakeRegistry fake([&](const nlohmann::json& request) -> std::vector<std::string> {
    if (request["message_type"] == "Heartbeat") ++heartbeats;
    return {};
  });
  RegistryClient client("M", fake.endpoint(), milliseconds(300));
  client.start_heartbeat();
  std::vector<std::thread> threads;
  std::atomic<int> timeouts = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto begin = Clock::now();
      try {
        client.lookup("A");
      } catch (const TimeoutError&) {
        if (Clock::now() - begin < milliseconds(4500)) ++timeouts;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  CHECK(timeouts == 4);
  CHECK(comes_true([&] { return heartbeats >= 2; }));
  const auto begin = Clock::now();
  client.stop_heartbeat();
  CHECK(Clock::now() - begin < milliseconds(4500));
}

TEST_CASE("many threads share a client") {
  RunningServer server;
  RegistryClient client("M", server.endpoint());
  client.start_heartbeat();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) {
        const std::string name = "A" + std::to_string(i) + "-" + std::to_string(n);
        client.register_actor(name, "tcp://h:" + std::to_string(1 + n));
        if (client.lookup(name) == "tcp://h:" + std::to_string(1 + n)) ++right;
        if (n % 2) client.unregister_actor(name);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  CHECK(right == 200);
}

TEST_CASE("after a restart of the registry names are registered again many at a time") {
  std::atomic<bool> restarted = false;
  std::atomic<int> batches = 0;
  std::atomic<int> one_by_one = 0;
  std::atomic<std::size_t> held = 0;
  bool knows_batches = true;
  SUBCASE("in batches") {}
  SUBCASE("and one by one where the registry knows no batches") {
    knows_batches = false;
  }
  FakeRegistry fake([&](const nlohmann::json& request) {
    nlohmann::json reply = {{"request_id", request["request_id"]}, {"epoch", restarted ? "f" : "e"}};
    if (request["message_type"] == "RegisterActor") {
      if (restarted) ++one_by_one;
      reply.update({{"message_type", "RegistrationOk"}, {"actors", ++held}});
    } else if (request["message_type"] == "RegisterActors" && !knows_batches) {
      reply.update({{"message_type", "Error"}, {"code", "unknown_type"}, {"error", "no such request"}});
    } else if (request["message_type"] == "RegisterActors") {
      ++batches;
      reply.update({{"message_type", "RegistrationResults"}, {"results", nlohmann::json::array()}});
      for (const auto& actor : request["actors"])
        reply["results"].push_back({{"actor_name", actor["actor_name"]}, {"ok", true}});
      held += request["actors"].size();
      reply["actors"] = held.load();
    } else {
      reply.update({{"message_type", "HeartbeatAck"}, {"actors", held.load()}});
    }
    return std::vector<std::string>{reply.dump()};
  });
  HeardNotices notices;
  RegistryClient client("M", fake.endpoint());
  client.on_notice(notices.sink());
  for (int i = 0; i < 450; ++i)
    client.register_actor("A" + std::to_string(i), "tcp://h:1");
  restarted = true;
  held = 0;
  client.start_heartbeat();
  CHECK(comes_true([&] { return notices.contains("registered again: 450 actors"); }));
  CHECK(batches == (knows_batches ? 3 : 0));
  CHECK(one_by_one == (knows_batches ? 0 : 450));
}

TEST_CASE("a goodbye ends the heartbeats and tells the registry which life ends") {
  std::mutex mutex;
  std::vector<nlohmann::json> requests;
  FakeRegistry fake([&](const nlohmann::json& request) {
    const std::scoped_lock lock(mutex);
    requests.push_back(request);
    const bool goodbye = request["message_type"] == "UnregisterManager";
    return std::vector<std::string>{nlohmann::json{
        {"message_type", goodbye ? "ManagerUnregistered" : "HeartbeatAck"},
        {"request_id", request["request_id"]},
        {"epoch", "e"},
        {"actors", 0}}.dump()};
  });
  const auto count = [&] {
    const std::scoped_lock lock(mutex);
    return requests.size();
  };
  RegistryClient client("M", fake.endpoint());
  client.start_heartbeat();
  REQUIRE(comes_true([&] { return count() == 1; }));
  CHECK(client.goodbye());
  REQUIRE(count() == 2);
  CHECK(requests[1]["message_type"] == "UnregisterManager");
  CHECK(requests[1]["manager_id"] == "M");
  CHECK(requests[1]["instance"] == requests[0]["instance"]);
  CHECK_FALSE(requests[1].contains("forget"));
  CHECK_FALSE(comes_true([&] { return count() > 2; }, std::chrono::seconds(3)));
}

TEST_CASE("a goodbye to a registry that is away ends within the timeout, without an exception") {
  FakeRegistry fake([](const nlohmann::json&) { return std::vector<std::string>{}; });
  RegistryClient client("M", fake.endpoint(), milliseconds(200));
  client.start_heartbeat();
  const auto begin = Clock::now();
  CHECK_FALSE(client.goodbye());
  CHECK(Clock::now() - begin < milliseconds(4500));
}

TEST_CASE("a goodbye that is refused is none") {
  FakeRegistry fake([](const nlohmann::json& request) {
    return std::vector<std::string>{nlohmann::json{
        {"message_type", "Error"},
        {"request_id", request["request_id"]},
        {"code", "unknown_type"}}.dump()};
  });
  CHECK_FALSE(RegistryClient("M", fake.endpoint()).goodbye());
}

TEST_CASE("after a goodbye the registry has the manager offline at once, and back when it speaks again") {
  RunningServer server;
  RegistryClient client("M", server.endpoint());
  RegistryClient other("N", server.endpoint());
  client.register_actor("A", "tcp://h:1");
  client.start_heartbeat();
  CHECK(client.lookup("A") == "tcp://h:1");
  REQUIRE(client.goodbye());
  CHECK(other.lookup_allow_offline("A") == std::pair<std::string, bool>("tcp://h:1", false));
  client.start_heartbeat();
  CHECK(comes_true([&] { return other.lookup_allow_offline("A").second; }));
}

TEST_CASE("with forget a goodbye takes the names away, and they stay away") {
  RunningServer server;
  RegistryClient client("M", server.endpoint());
  client.register_actor("A", "tcp://h:1");
  CHECK(client.goodbye(true));
  CHECK_THROWS_AS(client.lookup("A"), ActorNotFoundError);
  client.register_actor("B", "tcp://h:2");
  client.start_heartbeat();
  RegistryQuery query({server.endpoint()});
  REQUIRE(comes_true([&] { return query.info().counters["request.Heartbeat"] >= 1; }));
  CHECK_THROWS_AS(client.lookup("A"), ActorNotFoundError);
}

TEST_CASE("a client that is let go of says goodbye, if it has said anything") {
  RunningServer server;
  RegistryClient other("N", server.endpoint());
  {
    RegistryClient client("M", server.endpoint());
    client.register_actor("A", "tcp://h:1");
    REQUIRE(other.lookup("A") == "tcp://h:1");
    RegistryClient asks_only("M", server.endpoint());
    CHECK(asks_only.lookup("A") == "tcp://h:1");
  }
  CHECK(other.lookup_allow_offline("A") == std::pair<std::string, bool>("tcp://h:1", false));
  RegistryQuery query({server.endpoint()});
  CHECK(query.info().counters["request.UnregisterManager"] >= 1);
}

TEST_CASE("letting go of a client takes no longer than a second where the registry is away") {
  FakeRegistry fake([](const nlohmann::json&) { return std::vector<std::string>{}; });
  const auto begin = Clock::now();
  {
    RegistryClient client("M", fake.endpoint());
    client.start_heartbeat();
  }
  CHECK(Clock::now() - begin < milliseconds(4500));
}

TEST_CASE("many names are registered and looked up in one call, each with a result of its own") {
  RunningServer server;
  RegistryClient other("N", server.endpoint());
  other.register_actor("A1", "tcp://h:9");
  RegistryClient client("M", server.endpoint());
  std::vector<ActorAddress> actors;
  std::vector<std::string> names;
  for (int i = 0; i < 2500; ++i) {
    actors.push_back({"A" + std::to_string(i), "tcp://h:" + std::to_string(1 + i)});
    names.push_back(actors.back().actor_name);
  }
  actors[2].actor_endpoint = "tcp://*:3";
  const auto results = client.register_actors(actors);
  REQUIRE(results.size() == 2500);
  CHECK(results[0].ok);
  CHECK(results[0].stored.endpoint == "tcp://h:1");
  CHECK_FALSE(results[1].ok);
  CHECK(results[1].actor_name == "A1");
  CHECK(results[1].code == "taken");
  CHECK(results[1].reason == "Name already registered by manager 'N'");
  CHECK(results[2].stored.endpoint == "tcp://127.0.0.1:3");
  CHECK(results[2].stored.local_only);
  const auto found = client.lookup_many(names);
  REQUIRE(found.size() == 2500);
  CHECK(found[1].endpoint == "tcp://h:9");
  CHECK(found[2499].endpoint == "tcp://h:2500");
  RegistryQuery query({server.endpoint()});
  CHECK(query.info().counters["request.RegisterActors"] == 3);
  CHECK(client.register_actors({}).empty());
  CHECK(client.lookup_many({}).empty());
}

TEST_CASE("many names registered at once are registered again when the registry comes back empty") {
  const test::KeptPort port;
  std::optional<RunningServer> server(std::in_place, at(port.endpoint()));
  HeardNotices notices;
  RegistryClient client("M", port.endpoint());
  client.on_notice(notices.sink());
  client.set_heartbeat_interval(milliseconds(100));
  client.register_actors({{"A", "tcp://h:1"}, {"B", "tcp://h:2"}});
  client.start_heartbeat();
  server.reset();
  server.emplace(at(port.endpoint()));
  CHECK(comes_true([&] { return notices.contains("registered again: 2 actors"); }));
  CHECK(client.lookup("B") == "tcp://h:2");
}

TEST_CASE("a registry that knows no batches is told many names one by one") {
  std::vector<std::string> types;
  FakeRegistry fake([&](const nlohmann::json& request) {
    types.push_back(request["message_type"]);
    nlohmann::json reply = {{"request_id", request["request_id"]}, {"epoch", "e"}, {"actors", 1}};
    if (types.back() == "RegisterActors")
      reply.update({{"message_type", "Error"}, {"code", "unknown_type"}, {"error", "no such request"}});
    else if (request.value("actor_name", "") == "B")
      reply.update(
          {{"message_type", "RegistrationFailed"}, {"actor_name", "B"}, {"reason", "no"}, {"code", "taken"}});
    else
      reply.update({{"message_type", "RegistrationOk"}, {"actor_name", "A"}});
    return std::vector<std::string>{reply.dump()};
  });
  RegistryClient client("M", fake.endpoint());
  const auto results = client.register_actors({{"A", "tcp://h:1"}, {"B", "tcp://h:2"}});
  REQUIRE(results.size() == 2);
  CHECK(results[0].ok);
  CHECK(results[1].reason == "no");
  CHECK(types == std::vector<std::string>{"RegisterActors", "RegisterActor", "RegisterActor"});
}

TEST_CASE("a registry's half answers are errors, or passed over") {
  std::atomic<int> heartbeats = 0;
  FakeRegistry fake([&](const nlohmann::json& request) {
    nlohmann::json reply = {{"request_id", request["request_id"]}};
    if (request["message_type"] == "Heartbeat") {
      ++heartbeats;
      reply.update({{"message_type", "HeartbeatAck"}, {"epoch", 7}, {"actors", "many"}, {"lost", 7}});
    } else if (request["message_type"] == "RegisterActor") {
      reply.update({{"message_type", "RegistrationOk"}, {"epoch", 7}});
    } else {
      reply.update({{"message_type", 7}});
    }
    return std::vector<std::string>{reply.dump()};
  });
  RegistryClient client("M", fake.endpoint(), milliseconds(500));
  client.on_notice([](const Notice&) {});
  client.set_heartbeat_interval(milliseconds(20));
  client.start_heartbeat();
  CHECK_THROWS_AS(client.register_actor("A", "tcp://h:1"), RegistryError);
  CHECK_THROWS_AS(client.register_actors({{"A", "tcp://h:1"}}), RegistryError);
  CHECK_THROWS_AS(client.lookup_many({"A"}), RegistryError);
  CHECK(comes_true([&] { return heartbeats >= 5; }));
}

TEST_CASE("superseded and lost reach functions of their own, from which heartbeats can't be stopped") {
  FakeRegistry fake([](const nlohmann::json& request) {
    static int acks = 0;
    nlohmann::json reply = {{"request_id", request["request_id"]}, {"epoch", "e"}, {"actors", 1}};
    if (request["message_type"] == "RegisterActor")
      reply["message_type"] = "RegistrationOk";
    else
      reply["message_type"] = "HeartbeatAck";
    if (request["message_type"] == "Heartbeat" && ++acks == 1) reply["lost"] = {"A", "B"};
    if (acks > 1) reply["superseded"] = true;
    return std::vector<std::string>{reply.dump()};
  });
  RegistryClient client("M", fake.endpoint());
  std::mutex mutex;
  std::string heard;
  const auto add = [&](const std::string& text) {
    const std::scoped_lock lock(mutex);
    heard += text;
  };
  client.on_notice([](const Notice&) {});
  client.on_lost([&](const std::string& name) { add("lost " + name + "; "); });
  client.on_superseded([&] {
    try {
      client.stop_heartbeat();
    } catch (const RegistryError& error) {
      add(std::string("superseded; ") + error.what());
    }
  });
  client.set_heartbeat_interval(milliseconds(20));
  client.register_actor("A", "tcp://h:1");
  client.start_heartbeat();
  CHECK(comes_true([&] {
    const std::scoped_lock lock(mutex);
    return heard == "lost A; superseded; heartbeats can't be stopped from within a notice";
  }));
}
