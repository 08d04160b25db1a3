#include "registry_core/protocol/actor_message.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace protocol;
using Kind = ActorMessageReader::Kind;

namespace {

struct Read {
  explicit Read(std::string text) : body(std::move(text)), kind(reader.read(body)) {}
  std::string body;
  ActorMessageReader reader;
  Kind kind;
};

std::string envelope(const std::string& type, const std::string& message,
                     const std::string& receiver = "GlobalRegistry") {
  return R"({"sender_actor":"S","sender_endpoint":"tcp://h:1","receiver":")" + receiver +
         R"(","message_type":")" + type + R"(","message":)" + message + "}";
}

} // namespace

TEST_CASE("an envelope is read with the request in it") {
  Read read(envelope("LookupActor", R"({"actor_name":"A","request_id":7})"));
  REQUIRE(read.kind == Kind::envelope);
  CHECK(read.reader.sender_actor() == "S");
  CHECK(read.reader.sender_endpoint() == "tcp://h:1");
  CHECK(read.reader.message_type() == "LookupActor");
  CHECK(read.reader.request_id().text == "7");
  REQUIRE(std::holds_alternative<LookupActor>(read.reader.request()));
  CHECK(std::get<LookupActor>(read.reader.request()).actor_name == "A");
}

TEST_CASE("the order of an envelope's fields, white space, escapes and unknown fields say nothing") {
  Read read(
      " {\n \"message\" : \t{ \"actor_name\" : \"}\\u0041{\" , \"x\":[{\"message\":{}}]} , "
      "\"receiver\":\"Global"
      "\\u0052egistry\",\"more\":{\"message\":{\"actor_name\":\"no\"},\"receiver\":\"no\"},\"message_type\":"
      "\"LookupActor\"} ");
  REQUIRE(read.kind == Kind::envelope);
  REQUIRE(std::holds_alternative<LookupActor>(read.reader.request()));
  CHECK(std::get<LookupActor>(read.reader.request()).actor_name == "}A{");
  CHECK(read.reader.sender_actor().empty());
  CHECK(read.reader.sender_endpoint().empty());
}

TEST_CASE("the envelope's type wins over one inside") {
  Read read(envelope("Heartbeat", R"({"message_type":"LookupActor","message_id":904,"actor_name":"A",
    "manager_id":"M"})"));
  REQUIRE(read.kind == Kind::envelope);
  CHECK(std::holds_alternative<Heartbeat>(read.reader.request()));
}

TEST_CASE("a request with neither receiver nor message is a plain one") {
  Read plain(R"({"message_type":"LookupActor","actor_name":"A"})");
  CHECK(plain.kind == Kind::plain);
  CHECK(std::holds_alternative<LookupActor>(plain.reader.request()));
  for (const char* body : {"", "[]", "x", R"({"receiver":"GlobalRegistry")",
                           R"({"receiver":"GlobalRegistry","receiver":"GlobalRegistry"})"}) {
    Read broken(body);
    CHECK(broken.kind == Kind::plain);
    REQUIRE(std::holds_alternative<Refusal>(broken.reader.request()));
    CHECK(std::get<Refusal>(broken.reader.request()).code == ErrorCode::bad_json);
  }
}

TEST_CASE("a request that is wrong in itself is an envelope all the same, to be answered by the registry") {
  Read wrong(envelope("LookupActor", R"({"actor_name":7})"));
  REQUIRE(wrong.kind == Kind::envelope);
  CHECK(std::get<Refusal>(wrong.reader.request()).error.starts_with("actor_name: expected "));
  Read registration(envelope("RegisterActor", R"({"actor_name":"A"})"));
  REQUIRE(registration.kind == Kind::envelope);
  CHECK(std::get<Refusal>(registration.reader.request()).is_registration);
}

TEST_CASE("what is for nobody here is rejected, and says why") {
  Read receiver(envelope("LookupActor", R"({"actor_name":"A"})", "Other"));
  CHECK(receiver.kind == Kind::rejected);
  CHECK(receiver.reader.why() == "receiver: no actor 'Other' here");
  CHECK(receiver.reader.sender_endpoint() == "tcp://h:1");
  CHECK(receiver.reader.message_type() == "LookupActor");
  Read type(envelope("Nonsense", "{}"));
  CHECK(type.kind == Kind::rejected);
  CHECK(type.reader.why() == "message_type: no request is named 'Nonsense'");

  CHECK(Read(R"({"receiver":7,"message_type":"RegistryInfo","message":{}})").kind == Kind::rejected);
  CHECK(Read(R"({"message_type":"RegistryInfo","message":{}})").kind == Kind::rejected);
  Read no_type(R"({"receiver":"GlobalRegistry","message":{"message_type":"RegistryInfo"}})");
  CHECK(no_type.kind == Kind::rejected);
  CHECK(no_type.reader.why().starts_with("message_type: expected "));
  for (const char* message : {"[]", "[{}]", "null", "\"{}\"", "7"}) {
    Read read(envelope("RegistryInfo", message));
    CHECK(read.kind == Kind::rejected);
    CHECK(read.reader.why().starts_with("message: expected "));
  }
  CHECK(Read(R"({"receiver":"GlobalRegistry","message_type":"RegistryInfo"})").kind == Kind::rejected);
}

TEST_CASE("one reader forgets the message before") {
  ActorMessageReader reader;
  const std::string first = envelope("LookupActor", R"({"actor_name":"A","request_id":"r"})");
  const std::string second = R"({"receiver":"GlobalRegistry","message_type":"RegistryInfo"})";
  CHECK(reader.read(first) == Kind::envelope);
  CHECK(reader.read(second) == Kind::rejected);
  CHECK(reader.sender_actor().empty());
  CHECK(reader.sender_endpoint().empty());
}

TEST_CASE("an answer is an envelope to whoever asked") {
  const auto json = nlohmann::json::parse(encode_actor_reply(
      "S\"", "tcp://r:1", "LookupResult", R"({"message_type":"LookupResult","online":false})"));
  CHECK(json == nlohmann::json::parse(R"({"sender_actor":"GlobalRegistry","sender_endpoint":"tcp://r:1",
    "receiver":"S\"","message_type":"LookupResult","message":{"message_type":"LookupResult","online":false}})"));
}

TEST_CASE("a rejection names the type, the reason and who rejects") {
  const auto json = nlohmann::json::parse(encode_reject("S", "tcp://r:1", "Nonsense", "no \"such\" type"));
  CHECK(json == nlohmann::json::parse(R"({"sender_actor":"GlobalRegistry","sender_endpoint":"tcp://r:1",
    "receiver":"S","message_type":"Reject",
    "message":{"message_type":"Nonsense","reason":"no \"such\" type","rejected_by":"GlobalRegistry"}})"));
}
