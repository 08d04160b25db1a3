#include "decoded.hpp"

using namespace protocol;

TEST_CASE("each request is read by its name") {
  Decoded registration(
      R"({"message_type":"RegisterActor","manager_id":"M","actor_name":"A","actor_endpoint":"tcp://h:1",
    "instance":"i","process":{"host":"h","pid":7,"unit":"u.service","invocation_id":"x","language":"c++","version":"1"}})");
  const auto& request = registration.as<RegisterActor>();
  CHECK(request.manager_id == "M");
  CHECK(request.actor_name == "A");
  CHECK(request.actor_endpoint == "tcp://h:1");
  CHECK(request.instance == "i");
  REQUIRE(request.process);
  CHECK(request.process->host == "h");
  CHECK(request.process->pid == 7);
  CHECK(request.process->unit == "u.service");
  CHECK(request.process->invocation_id == "x");
  CHECK(request.process->language == "c++");
  CHECK(request.process->version == "1");

  Decoded removal(R"({"message_type":"UnregisterActor","actor_name":"A"})");
  CHECK_FALSE(removal.as<UnregisterActor>().manager_id);
  Decoded heartbeat(R"({"message_type":"Heartbeat","manager_id":"M","timestamp_ms":"ignored"})");
  CHECK_FALSE(heartbeat.as<Heartbeat>().process);
  Decoded list(
      R"({"message_type":"ListActors","pattern":"A*","manager_id":"M","online":false,"after":"x","limit":5})");
  CHECK(list.as<ListActors>().online == false);
  CHECK(list.as<ListActors>().limit == 5);
  CHECK(Decoded(R"({"message_type":"ListManagers","pattern":"A*"})").as<ListManagers>().after.empty());
  Decoded(R"({"message_type":"RegistryInfo"})").as<RegistryInfo>();
}

TEST_CASE("a number stands for the name, and the name wins") {
  CHECK(Decoded(R"({"message_id":904,"actor_name":"A"})").as<LookupActor>().actor_name == "A");
  CHECK(Decoded(R"({"message_id":900,"message_type":"LookupActor","actor_name":"A"})")
            .as<LookupActor>()
            .actor_name == "A");
  CHECK(code_of(R"({"message_id":904,"message_type":"Nonsense","actor_name":"A"})") ==
        ErrorCode::unknown_type);
  CHECK(code_of(R"({"message_id":902})") == ErrorCode::unknown_type);
  CHECK(code_of(R"({"message_id":99999999999999999999})") == ErrorCode::unknown_type);
  CHECK(code_of(R"({"message_id":"904"})") == ErrorCode::invalid_field);
  CHECK(code_of(R"({"message_id":904.0})") == ErrorCode::invalid_field);
}

TEST_CASE("unknown fields are ignored, whatever they hold") {
  Decoded decoded(
      R"({"x":{"actor_name":"B","message_type":"Heartbeat"},"message_type":"LookupActor","y":[["actor_name"],{"z":{}}],
    "actor_name":"A","process":{"deep":{"host":"h"}}})");
  CHECK(decoded.as<LookupActor>().actor_name == "A");
}

TEST_CASE("process is read from its own object alone") {
  Decoded decoded(
      R"({"message_type":"Heartbeat","manager_id":"M","process":{"x":{"host":"no"},"host":"yes","y":[{"unit":"no"}]},
    "unit":"no"})");
  CHECK(decoded.as<Heartbeat>().process->host == "yes");
  CHECK_FALSE(decoded.as<Heartbeat>().process->unit);
}

TEST_CASE("what is no JSON object is bad_json") {
  for (const char* body : {"", "x", "[]", "null", "\"Heartbeat\"", "{", R"({"message_type":"RegistryInfo"}x)",
                           R"({"message_type":"RegistryInfo","message_type":"RegistryInfo"})",
                           R"({"message_type":"RegistryInfo","x":{"a":1,"a":2}})",
                           "\xEF\xBB\xBF{\"message_type\":\"RegistryInfo\"}",
                           "{\"message_type\":\"RegistryInfo\",\"x\":\"\xFF\"}"}) {
    CHECK(code_of(body) == ErrorCode::bad_json);
  }
}

TEST_CASE("a missing or wrong field is named, with what was expected") {
  CHECK(error_of("{}") == "message_type: missing; expected the name of a request");
  CHECK(code_of(R"({"message_type":7})") == ErrorCode::invalid_field);
  CHECK(code_of(R"({"message_type":"LookupActor"})") == ErrorCode::missing_field);
  CHECK(error_of(R"({"message_type":"LookupActor"})").starts_with("actor_name: missing; expected "));
  CHECK(error_of(R"({"message_type":"LookupActor","actor_name":7})").starts_with("actor_name: expected "));
  CHECK(error_of(R"({"message_type":"LookupActor","actor_name":null})").starts_with("actor_name: expected "));
  CHECK(error_of(R"({"message_type":"Heartbeat","manager_id":"a/b"})").starts_with("manager_id: expected "));
  CHECK(error_of(R"({"message_type":"Heartbeat","manager_id":"M","instance":""})")
            .starts_with("instance: expected "));
  CHECK(error_of(R"({"message_type":"Heartbeat","manager_id":"M","process":[]})") ==
        "process: expected an object");
  CHECK(error_of(R"({"message_type":"Heartbeat","manager_id":"M","process":{"pid":"1"}})")
            .starts_with("process.pid: "));
  CHECK(error_of(R"({"message_type":"Heartbeat","manager_id":"M","process":{"host":1}})")
            .starts_with("process.host: "));
  CHECK(error_of(R"({"message_type":"ListActors","online":1})") == "online: expected true or false");
  CHECK(error_of(R"({"message_type":"ListActors","limit":0})").starts_with("limit: "));
  CHECK(error_of(R"({"message_type":"ListManagers","pattern":[]})").starts_with("pattern: "));
}

TEST_CASE("a field that may be absent may be null") {
  Decoded decoded(
      R"({"message_type":"Heartbeat","manager_id":"M","instance":null,"process":{"pid":null,"host":null},
    "request_id":null,"timestamp_ms":null})");
  CHECK_FALSE(decoded.as<Heartbeat>().instance);
  CHECK(decoded.decoder.request_id().kind == RequestId::Kind::none);
}

TEST_CASE("a refused registration carries its code and the name as far as it is known") {
  Decoded named(
      R"({"message_type":"RegisterActor","manager_id":"M","actor_name":"A","actor_endpoint":"inproc://x"})");
  CHECK(named.as<Refusal>().is_registration);
  CHECK(named.as<Refusal>().actor_name == "A");
  CHECK(named.as<Refusal>().code == ErrorCode::invalid_field);
  CHECK(named.as<Refusal>().error.starts_with("actor_endpoint: expected "));
  Decoded nameless(R"({"message_type":"UnregisterActor"})");
  CHECK(nameless.as<Refusal>().is_registration);
  CHECK(nameless.as<Refusal>().actor_name.empty());
  CHECK(nameless.as<Refusal>().code == ErrorCode::missing_field);
  CHECK_FALSE(Decoded(R"({"message_type":"Heartbeat"})").as<Refusal>().is_registration);
}

TEST_CASE("a request id is a string or an integer of 64 bits, kept also for what is refused") {
  const auto id_of = [](const std::string& value) {
    Decoded decoded(R"({"message_type":"Nonsense","request_id":)" + value + "}");
    return std::string(decoded.decoder.request_id().text);
  };
  CHECK(id_of("\"a\\u0062\"") == "ab");
  CHECK(id_of("-9223372036854775808") == "-9223372036854775808");
  CHECK(id_of("18446744073709551615") == "18446744073709551615");
  for (const char* value : {"18446744073709551616", "1.0", "1e3", "true", "[]", "{}"}) {
    CHECK(error_of(std::string(R"({"message_type":"RegistryInfo","request_id":)") + value + "}")
              .starts_with("request_id: "));
  }
  Decoded broken(R"({"request_id":5,"message_type":})");
  CHECK(broken.as<Refusal>().code == ErrorCode::bad_json);
  CHECK(broken.decoder.request_id().text == "5");
}

TEST_CASE("an unknown name is quoted, shortened between two characters") {
  std::string long_name = "x";
  for (int i = 0; i < 100; ++i)
    long_name += "\xC3\xA9";
  const std::string error = error_of(R"({"message_type":")" + long_name + "\"}");
  CHECK(error.size() < 120);
  CHECK(error.ends_with("\xC3\xA9...'"));
}
