#include "registry_core/protocol/encode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace protocol;

namespace {

std::string encoded(const Reply& reply, RequestId id = {}) {
  std::string out = "left from before";
  encode(reply, id, out);
  return out;
}

} // namespace

TEST_CASE("a reply has its name, its number, the request's id and its fields") {
  CHECK(
      encoded(LookupResult{"A", "tcp://h:1", true, "M"}, {RequestId::Kind::integer, "7"}) ==
      R"({"message_type":"LookupResult","message_id":905,"request_id":7,"actor_name":"A","endpoint":"tcp://h:1","online":true,"manager_id":"M"})");
  CHECK(
      encoded(LookupResult{"A", {}, false, {}}, {RequestId::Kind::string, "7\""}) ==
      R"({"message_type":"LookupResult","message_id":905,"request_id":"7\"","actor_name":"A","endpoint":null,"online":false})");
  CHECK(encoded(HeartbeatAck{"e", 3, false, {}}) ==
        R"({"message_type":"HeartbeatAck","message_id":907,"epoch":"e","actors":3})");
  CHECK(
      encoded(HeartbeatAck{"e", 3, true, {"x", "y"}}) ==
      R"({"message_type":"HeartbeatAck","message_id":907,"epoch":"e","actors":3,"superseded":true,"lost":["x","y"]})");
  CHECK(
      encoded(RegistrationOk{"A", "e", 1, "tcp://127.0.0.1:1", true}) ==
      R"({"message_type":"RegistrationOk","message_id":902,"actor_name":"A","epoch":"e","actors":1,"actor_endpoint":"tcp://127.0.0.1:1","local_only":true})");
  CHECK(
      encoded(RegistrationFailed{"A", "no", ErrorCode::taken}) ==
      R"({"message_type":"RegistrationFailed","message_id":903,"actor_name":"A","reason":"no","code":"taken"})");
  CHECK(encoded(Error{ErrorCode::too_large, "no"}) ==
        R"({"message_type":"Error","message_id":929,"code":"too_large","error":"no"})");
}

TEST_CASE("every string survives") {
  std::string all;
  for (char c = 1; c < 0x7F; ++c)
    all.push_back(c);
  all += std::string(1, '\0') + "\x7F\xC3\xA9\xF0\x9F\x98\x80";
  const auto json = nlohmann::json::parse(encoded(Error{ErrorCode::bad_json, all}));
  CHECK(json["error"] == all);
}

TEST_CASE("lists and the registry's own state are JSON with the documented fields") {
  ActorList actors;
  actors.actors = {{"A", "tcp://h:1", "M", true}, {"B", "tcp://h:2", "M", false}};
  actors.next = "B";
  auto json = nlohmann::json::parse(encoded(actors));
  CHECK(json["actors"][1]["online"] == false);
  CHECK(json["next"] == "B");

  ManagerList managers;
  managers.managers.push_back({"M", true, 1.2345, 2, "i", Process{"h", 7, {}, {}, {}, {}}, "10.0.0.1"});
  managers.managers.push_back({"N", false, 0, 0, {}, {}, ""});
  json = nlohmann::json::parse(encoded(managers));
  CHECK(json["managers"][0]["age_s"] == doctest::Approx(1.2345).epsilon(0.001));
  CHECK(json["managers"][0]["process"] == nlohmann::json{{"host", "h"}, {"pid", 7}});
  CHECK(json["managers"][1]["process"].is_null());
  CHECK(json["managers"][1]["instance"].is_null());
  CHECK_FALSE(json.contains("next"));

  RegistryInfoReply info;
  info.counts = {{"actors", 3}};
  info.warnings = {"w"};
  json = nlohmann::json::parse(encoded(info));
  CHECK(json["message_id"] == 921);
  CHECK(json["counts"]["actors"] == 3);
  CHECK(json["events_endpoint"].is_null());
}
