// The registry as an actor, over real sockets.

#include "registry_core/server.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zmq.hpp>

using nlohmann::json;
using namespace registry_core;

namespace {

ServerOptions as_an_actor() {
  ServerOptions options;
  options.actor_endpoint = "tcp://127.0.0.1:*";
  return options;
}

/// Another actor: it pushes messages, and pulls what comes back.
class OtherActor {
public:
  explicit OtherActor(const std::string& registry)
      : push_(context_, zmq::socket_type::push), pull_(context_, zmq::socket_type::pull) {
    push_.set(zmq::sockopt::linger, 0);
    push_.connect(registry);
    pull_.bind("tcp://127.0.0.1:*");
    pull_.set(zmq::sockopt::rcvtimeo, 5000);
    endpoint = pull_.get(zmq::sockopt::last_endpoint);
  }
  void push(const json& message) { push_.send(zmq::buffer(message.dump())); }
  void tell(const std::string& type, const json& message) {
    push({{"sender_actor", "Other"},
          {"sender_endpoint", endpoint},
          {"receiver", receiver},
          {"message_type", type},
          {"message", message}});
  }
  json pull() {
    zmq::message_t message;
    REQUIRE(pull_.recv(message));
    return json::parse(message.to_string_view());
  }
  json ask(const std::string& type, const json& message) {
    tell(type, message);
    return pull();
  }

  std::string endpoint;
  std::string receiver = "GlobalRegistry";

private:
  zmq::context_t context_;
  zmq::socket_t push_, pull_;
};

const json registration = {{"manager_id", "M"}, {"actor_name", "A"}, {"actor_endpoint", "tcp://h:1"}};

/// Over the ROUTER.
json ask_router(const RunningServer& server, const json& request) {
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::req);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::rcvtimeo, 5000);
  socket.connect(server.endpoint());
  socket.send(zmq::buffer(request.dump()));
  zmq::message_t reply;
  REQUIRE(socket.recv(reply));
  return json::parse(reply.to_string_view());
}

} // namespace

TEST_CASE("an actor's message is answered at its own endpoint, in an envelope") {
  RunningServer server(as_an_actor());
  OtherActor other(server.actor_endpoint());
  const json reply = other.ask("RegisterActor", registration);
  CHECK(reply["sender_actor"] == "GlobalRegistry");
  CHECK(reply["sender_endpoint"] == server.actor_endpoint());
  CHECK(reply["receiver"] == "Other");
  CHECK(reply["message_type"] == "RegistrationOk");
  CHECK(reply["message"]["actors"] == 1);
  CHECK(other.ask("LookupActor", {{"actor_name", "A"}, {"request_id", 7}})["message"]["request_id"] == 7);
  CHECK(ask_router(server, {{"message_type", "LookupActor"}, {"actor_name", "A"}})["online"] == true);
}

TEST_CASE("what is for nobody here is rejected, and says by whom and why") {
  RunningServer server(as_an_actor());
  OtherActor other(server.actor_endpoint());
  json reject = other.ask("MakeCoffee", json::object());
  CHECK(reject["message_type"] == "Reject");
  CHECK(reject["message"]["message_type"] == "MakeCoffee");
  CHECK(reject["message"]["rejected_by"] == "GlobalRegistry");
  other.receiver = "Somebody";
  reject = other.ask("LookupActor", {{"actor_name", "A"}});
  CHECK(reject["message_type"] == "Reject");
  CHECK(reject["message"]["reason"].get<std::string>().find("Somebody") != std::string::npos);
}

TEST_CASE("a plain request on this socket takes effect and gets no reply") {
  RunningServer server(as_an_actor());
  OtherActor other(server.actor_endpoint());
  json plain = registration;
  plain["message_type"] = "RegisterActor";
  other.push(plain);
  // The next message's reply is the first that comes.
  CHECK(other.ask("LookupActor", {{"actor_name", "A"}})["message"]["endpoint"] == "tcp://h:1");
}

TEST_CASE("nobody makes the registry talk to a third party, and the log says that it was tried") {
  std::atomic<int> refused = 0;
  ServerOptions options = as_an_actor();
  options.log = [&](const LogEntry& entry) { refused += entry.event == "reply_refused" ? 1 : 0; };
  RunningServer server(options);
  OtherActor other(server.actor_endpoint());
  const std::string own = std::exchange(other.endpoint, "tcp://192.0.2.1:5555");
  other.tell("LookupActor", {{"actor_name", "A"}});
  other.endpoint = own;
  CHECK(other.ask("LookupActor", {{"actor_name", "A"}})["message_type"] == "LookupResult");
  CHECK(refused == 1);
  const auto counters = ask_router(server, {{"message_type", "RegistryInfo"}})["counters"];
  CHECK(counters["dropped_replies"] == 1);
}

TEST_CASE("a message that is too large or no JSON leaves the others alone") {
  RunningServer server(as_an_actor());
  OtherActor other(server.actor_endpoint());
  other.push(std::string(70'000, 'x'));
  other.push("[1,");
  CHECK(other.ask("LookupActor", {{"actor_name", "A"}})["message_type"] == "LookupResult");
}
