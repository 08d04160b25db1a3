#include "registry_core/protocol/encode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>

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

TEST_CASE("an expectation without a reason says so by null") {
  ManagerList managers;
  managers.managers.resize(1);
  managers.managers[0].expected = Expectation{3, {}};
  const auto json = nlohmann::json::parse(encoded(managers));
  CHECK(json["managers"][0]["expected"] == nlohmann::json{{"seconds", 3.0}, {"reason", nullptr}});
}

TEST_CASE("what is suspect is said only where it is so") {
  CHECK(
      encoded(LookupResult{"A", "tcp://h:1", true, "M", true}) ==
      R"({"message_type":"LookupResult","message_id":905,"actor_name":"A","endpoint":"tcp://h:1","online":true,"suspect":true,"manager_id":"M"})");
}

TEST_CASE("a batch's replies have one result for each of the request's names, in its order") {
  RegistrationResults registrations{"e", 2, {}};
  registrations.results.push_back({"A", true, "", {}, {}, false});
  registrations.results.push_back({"B", true, "", {}, "tcp://127.0.0.1:1", true});
  registrations.results.push_back({"C", false, "no", ErrorCode::taken, {}, false});
  CHECK(
      encoded(registrations, {RequestId::Kind::string, "r"}) ==
      R"({"message_type":"RegistrationResults","message_id":911,"request_id":"r","epoch":"e","actors":2,"results":[)"
      R"({"actor_name":"A","ok":true},)"
      R"({"actor_name":"B","ok":true,"actor_endpoint":"tcp://127.0.0.1:1","local_only":true},)"
      R"({"actor_name":"C","ok":false,"reason":"no","code":"taken"}]})");
  CHECK(encoded(RegistrationResults{"e", 0, {}}) ==
        R"({"message_type":"RegistrationResults","message_id":911,"epoch":"e","actors":0,"results":[]})");

  LookupResults lookups;
  lookups.results = {{"A", "tcp://h:1", true, "M", false}, {"B", {}, false, {}, false}};
  CHECK(encoded(lookups) == R"({"message_type":"LookupResults","message_id":913,"results":[)"
                            R"({"actor_name":"A","endpoint":"tcp://h:1","online":true,"manager_id":"M"},)"
                            R"({"actor_name":"B","endpoint":null,"online":false}]})");
}

TEST_CASE("goodbyes and expectations are answered with what they come to") {
  CHECK(encoded(ManagerUnregistered{7}) ==
        R"({"message_type":"ManagerUnregistered","message_id":915,"actors":7})");
  CHECK(encoded(Expected{"M", 60}) ==
        R"({"message_type":"Expected","message_id":923,"manager_id":"M","seconds":60.000})");
}

TEST_CASE("every error code has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < error_codes; ++i)
    names.insert(name_of(static_cast<ErrorCode>(i)));
  CHECK(names.size() == error_codes);
  CHECK_FALSE(names.contains("unknown"));
  CHECK(names.contains("limit"));
  CHECK(names.contains("not_authorized"));
  CHECK(names.contains("unavailable"));
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
  actors.actors = {{"A", "tcp://h:1", "M", true, true}, {"B", "tcp://h:2", "M", false}};
  actors.next = "B";
  auto json = nlohmann::json::parse(encoded(actors));
  CHECK(json["actors"][0]["suspect"] == true);
  CHECK(json["actors"][1]["online"] == false);
  CHECK_FALSE(json["actors"][1].contains("suspect"));
  CHECK(json["next"] == "B");

  ManagerList managers;
  managers.managers.resize(2);
  ManagerRow& known = managers.managers[0];
  known.manager_id = "M";
  known.online = known.suspect = true;
  known.age_s = 1.2345;
  known.actors = 2;
  known.instance = "i";
  known.process = Process{"h", 7, {}, {}, {}, {}};
  known.address = "10.0.0.1";
  known.expected = Expectation{59.5, "update"};
  managers.managers[1].manager_id = "N";
  json = nlohmann::json::parse(encoded(managers));
  CHECK(json["managers"][0]["age_s"] == doctest::Approx(1.2345).epsilon(0.001));
  CHECK(json["managers"][0]["process"] == nlohmann::json{{"host", "h"}, {"pid", 7}});
  CHECK(json["managers"][0]["suspect"] == true);
  CHECK(json["managers"][0]["expected"] == nlohmann::json{{"seconds", 59.5}, {"reason", "update"}});
  CHECK(json["managers"][1] == nlohmann::json::parse(R"({"manager_id":"N","online":false,"age_s":null,
    "actors":0,"instance":null,"process":null,"address":"","expected":null})"));
  CHECK_FALSE(json.contains("next"));

  RegistryInfoReply info;
  info.counts = {{"actors", 3}};
  info.warnings = {"w"};
  json = nlohmann::json::parse(encoded(info));
  CHECK(json["message_id"] == 921);
  CHECK(json["counts"]["actors"] == 3);
  CHECK(json["events_endpoint"].is_null());
  info.events_endpoint = "tcp://h:2";
  CHECK(nlohmann::json::parse(encoded(info))["events_endpoint"] == "tcp://h:2");
}
