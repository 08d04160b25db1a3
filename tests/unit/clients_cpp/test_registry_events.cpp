#include "actors/registry/RegistryEvents.hpp"

#include "actors/registry/RegistryQuery.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>

#include <mutex>

using namespace actors::registry;
using nlohmann::json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// A registry that publishes what the test says, at an endpoint of its choice.
class Publisher {
public:
  Publisher() { bind(); }

  [[nodiscard]] std::vector<std::string> endpoints() const { return {fake_.endpoint()}; }

  void publish(const std::string& topic, int seq, const json& more = {{"event", "tick"}}) {
    json event = {{"run", run_}, {"seq", seq}, {"epoch", "e"}, {"time", "t"}};
    event.update(more);
    publisher_->send(zmq::buffer(topic), zmq::send_flags::sndmore);
    publisher_->send(zmq::buffer(event.dump()));
  }
  void tick(int seq) { publish("registry/tick", seq); }

  /// From now on elsewhere.
  void bind() {
    publisher_.emplace(context_, zmq::socket_type::xpub);
    publisher_->set(zmq::sockopt::linger, 0);
    publisher_->bind("tcp://127.0.0.1:*");
    set_endpoint(publisher_->get(zmq::sockopt::last_endpoint));
  }
  void turn_off() { set_endpoint(nullptr); }
  void starts_anew() { run_ = "another"; }

  /// Until somebody has subscribed to so many topics.
  void wait_for_topics(int topics) {
    publisher_->set(zmq::sockopt::rcvtimeo, 10'000);
    zmq::message_t subscription;
    for (; topics > 0; --topics)
      REQUIRE(publisher_->recv(subscription));
  }

private:
  std::vector<std::string> answer(const json& request) {
    const std::scoped_lock lock(mutex_);
    return {json{{"message_type", "RegistryInfo"},
                 {"request_id", request["request_id"]},
                 {"events_endpoint", endpoint_}}
                .dump()};
  }
  void set_endpoint(json endpoint) {
    const std::scoped_lock lock(mutex_);
    endpoint_ = std::move(endpoint);
  }

  std::mutex mutex_;
  json endpoint_;
  std::string run_ = "r";
  zmq::context_t context_;
  std::optional<zmq::socket_t> publisher_;
  FakeRegistry fake_{[this](const json& request) { return answer(request); }};
};

RegistryEvents::Next next(RegistryEvents& events, milliseconds within = milliseconds(10'000)) {
  return events.next(Clock::now() + within);
}

ListAgain::Why mark(const RegistryEvents::Next& next) {
  REQUIRE(std::holds_alternative<ListAgain>(next));
  return std::get<ListAgain>(next).why;
}

RegistryEvent event(const RegistryEvents::Next& next) {
  REQUIRE(std::holds_alternative<RegistryEvent>(next));
  return std::get<RegistryEvent>(next);
}

bool nothing(const RegistryEvents::Next& next) {
  return std::holds_alternative<std::monostate>(next);
}

using Why = ListAgain::Why;

} // namespace

TEST_CASE("everything is told, a gap too, and nothing by the deadline where nothing comes") {
  Publisher publisher;
  RegistryEvents events(publisher.endpoints());
  publisher.wait_for_topics(1);
  CHECK(nothing(next(events, milliseconds(50))));
  publisher.publish("manager/M", 5, {{"event", "online"}, {"manager_id", "M"}});
  CHECK(mark(next(events)) == Why::subscribed);
  CHECK(event(next(events)).manager_id == "M");
  publisher.tick(6);
  publisher.tick(8);
  CHECK(event(next(events)).event == "tick");
  CHECK(mark(next(events)) == Why::lost);
  CHECK(event(next(events)).seq == 8);
  publisher.starts_anew();
  publisher.tick(1);
  CHECK(mark(next(events)) == Why::restarted);
  CHECK(event(next(events)).run == "another");
  CHECK(nothing(next(events, milliseconds(50))));
}

TEST_CASE("topics are whole names, and those of one kind") {
  Publisher publisher;
  RegistryEvents events(publisher.endpoints(), {"actor/A"});
  publisher.wait_for_topics(2);
  publisher.tick(1);
  CHECK(mark(next(events)) == Why::subscribed);
  CHECK(event(next(events)).seq == 1);
  const json registered = {{"event", "registered"}, {"actor_name", "A"}};
  publisher.publish("actor/AB", 2, registered);
  publisher.publish("actor/A", 3, registered);
  publisher.publish("manager/M", 4, {{"event", "online"}, {"manager_id", "M"}});
  publisher.tick(5);
  CHECK(event(next(events)).seq == 3);
  CHECK(event(next(events)).seq == 5);
  events.subscribe("manager/");
  events.subscribe("manager/");
  publisher.wait_for_topics(1);
  publisher.publish("manager/M", 6, {{"event", "offline"}, {"manager_id", "M"}});
  CHECK(event(next(events)).seq == 6);
}

TEST_CASE("a registry that falls silent is asked where it publishes now") {
  Publisher publisher;
  RegistryEvents events(publisher.endpoints());
  publisher.wait_for_topics(1);
  publisher.tick(1);
  CHECK(mark(next(events)) == Why::subscribed);
  CHECK(event(next(events)).seq == 1);
  publisher.bind();
  const auto begin = Clock::now();
  CHECK(mark(next(events)) == Why::silent);
  CHECK(Clock::now() - begin >= milliseconds(2900));
  CHECK(nothing(next(events, milliseconds(500))));
  publisher.wait_for_topics(1);
  publisher.tick(2);
  CHECK(mark(next(events)) == Why::subscribed);
  CHECK(event(next(events)).seq == 2);
}

TEST_CASE("a registry without events is an error of its own, at first and later") {
  Publisher publisher;
  RegistryEvents events(publisher.endpoints());
  publisher.turn_off();
  CHECK_THROWS_AS(RegistryEvents{publisher.endpoints()}, EventsOffError);
  CHECK(mark(next(events)) == Why::silent);
  CHECK_THROWS_AS(next(events), EventsOffError);
}

TEST_CASE("what is no answer is said") {
  FakeRegistry silent([](const json&) { return std::vector<std::string>{}; });
  CHECK_THROWS_AS(RegistryEvents({silent.endpoint()}, {}, milliseconds(200)), TimeoutError);
  FakeRegistry malformed([](const json& request) {
    return std::vector<std::string>{json{{"request_id", request["request_id"]}, {"message_type", 7}}.dump()};
  });
  CHECK_THROWS_AS(RegistryEvents({malformed.endpoint()}), RegistryError);
  FakeRegistry wrong([](const json& request) {
    return std::vector<std::string>{json{
        {"request_id", request["request_id"]},
        {"message_type", "RegistryInfo"},
        {"events_endpoint", "nonsense"}}.dump()};
  });
  CHECK_THROWS_AS(RegistryEvents({wrong.endpoint()}), RegistryError);
}

TEST_CASE("a registry's changes come whole, in order, and with what they are about") {
  registry_core::ServerOptions options;
  options.events_endpoint = "tcp://127.0.0.1:*";
  RunningServer server(options);
  RegistryQuery query({server.endpoint()});
  RegistryEvents events({server.endpoint()});
  REQUIRE(mark(next(events)) == Why::subscribed);
  query.register_actor("A", "tcp://h:1", "M");
  query.register_actor("A", "tcp://h:2", "M");
  query.expect_offline("M", 30, "maintenance");
  query.say_goodbye("M");
  query.unregister_actor("A");
  std::string told;
  while (told.find("unregistered") == std::string::npos) {
    const auto one = event(next(events));
    if (one.event == "tick") continue;
    told += one.event + " " + one.manager_id + " " + one.endpoint +
            (one.expected ? " expected " + one.reason : "") + "\n";
    if (one.event == "registered") CHECK(one.actor_name == "A");
  }
  CHECK(told == "online M \n"
                "registered M tcp://h:1\n"
                "endpoint_changed M tcp://h:2\n"
                "goodbye M  expected maintenance\n"
                "unregistered M tcp://h:2\n");
}
