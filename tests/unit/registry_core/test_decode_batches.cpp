// Requests about many names, goodbyes and expectations.

#include "decoded.hpp"

#include <array>
#include <cmath>

using namespace protocol;

namespace {

std::string register_many(const std::string& actors) {
  return R"({"message_type":"RegisterActors","manager_id":"M","actors":)" + actors + "}";
}
std::string look_up_many(const std::string& names) {
  return R"({"message_type":"LookupActors","actor_names":)" + names + "}";
}
std::string expectation_of(const std::string& rest) {
  return R"({"message_type":"ExpectOffline","manager_id":"M",)" + rest + "}";
}

} // namespace

TEST_CASE("a batch of registrations is read with all its entries") {
  Decoded batch(
      R"({"message_type":"RegisterActors","actors":[{"actor_name":"A","actor_endpoint":"tcp://h:1"},
    {"actor_endpoint":"ipc://x","more":{"actor_name":"no"},"actor_name":"B"}],"manager_id":"M","instance":"i",
    "process":{"pid":7},"actor_name":"no"})");
  const auto& request = batch.as<RegisterActors>();
  CHECK(request.manager_id == "M");
  CHECK(request.instance == "i");
  CHECK(request.process->pid == 7);
  REQUIRE(request.actors.size() == 2);
  CHECK(request.actors[0].actor_name == "A");
  CHECK(request.actors[0].actor_endpoint == "tcp://h:1");
  CHECK(request.actors[1].actor_name == "B");
  CHECK(request.actors[1].actor_endpoint == "ipc://x");
  CHECK(request.actors[0].fault.empty());
  CHECK(request.actors[1].fault.empty());
  CHECK(Decoded(register_many("[]")).as<RegisterActors>().actors.empty());
}

TEST_CASE("a wrong entry is refused by itself, named with its number") {
  Decoded batch(register_many(R"([{"actor_name":"A","actor_endpoint":"tcp://h:1"},{},
    {"actor_name":7,"actor_endpoint":"tcp://h:1"},{"actor_name":"B"},{"actor_name":"C","actor_endpoint":"inproc://x"},
    {"actor_name":["D"],"actor_endpoint":"tcp://h:1"},{"actor_name":{"actor_name":"E"}},
    {"actor_name":"F","actor_endpoint":"tcp://h:2"}])"));
  const auto& actors = batch.as<RegisterActors>().actors;
  REQUIRE(actors.size() == 8);
  CHECK(actors[0].fault.empty());
  CHECK(actors[1].fault.starts_with("actors[1].actor_name: missing; expected "));
  CHECK(actors[1].fault_code == ErrorCode::missing_field);
  CHECK(actors[2].fault.starts_with("actors[2].actor_name: expected "));
  CHECK(actors[2].fault_code == ErrorCode::invalid_field);
  CHECK(actors[3].fault.starts_with("actors[3].actor_endpoint: missing; expected "));
  CHECK(actors[3].actor_name == "B");
  CHECK(actors[4].fault.starts_with("actors[4].actor_endpoint: expected "));
  CHECK(actors[4].fault_code == ErrorCode::invalid_field);
  CHECK(actors[5].fault.starts_with("actors[5].actor_name: expected "));
  CHECK(actors[6].fault.starts_with("actors[6].actor_name: expected "));
  CHECK(actors[7].fault.empty());
}

TEST_CASE("of a name that stands in a batch twice, the first good entry counts") {
  Decoded batch(register_many(R"([{"actor_name":"A","actor_endpoint":"wrong"},
    {"actor_name":"A","actor_endpoint":"tcp://h:1"},{"actor_name":"B","actor_endpoint":"tcp://h:2"},
    {"actor_name":"\u0041","actor_endpoint":"tcp://h:3"}])"));
  const auto& actors = batch.as<RegisterActors>().actors;
  REQUIRE(actors.size() == 4);
  CHECK(actors[0].fault.starts_with("actors[0].actor_endpoint: "));
  CHECK(actors[1].fault.empty());
  CHECK(actors[2].fault.empty());
  CHECK(actors[3].fault == "actors[3].actor_name: stands twice in this message");
  CHECK(actors[3].fault_code == ErrorCode::invalid_field);
}

TEST_CASE("a batch that is none is refused as a whole, and not as a registration") {
  const std::string missing = R"({"message_type":"RegisterActors","manager_id":"M"})";
  CHECK(code_of(missing) == ErrorCode::missing_field);
  CHECK(error_of(missing) == "actors: missing; expected an array of objects");
  for (const char* value : {"{}", "\"A\"", "7", "null", "true"})
    CHECK(error_of(register_many(value)) == "actors: expected an array of objects");
  const std::string good = R"({"actor_name":"A","actor_endpoint":"tcp://h:1"})";
  for (const char* value : {"[]", "\"A\"", "7", "null", R"([{"actor_name":"A"}])"})
    CHECK(error_of(register_many("[" + good + "," + value + "," + good + "]")) ==
          "actors[1]: expected an object");
  CHECK(error_of(R"({"message_type":"RegisterActors","actors":[]})").starts_with("manager_id: missing; "));
  CHECK_FALSE(Decoded(missing).as<Refusal>().is_registration);
  CHECK(code_of(register_many("[" + good + R"(,{"actor_name":"B","actor_name":"C"}])")) ==
        ErrorCode::bad_json);
}

TEST_CASE("a batch of lookups is as many names, or is refused by the first that is none") {
  Decoded batch(look_up_many(R"(["A","\u00e9","A"])"));
  const auto& names = batch.as<LookupActors>().actor_names;
  REQUIRE(names.size() == 3);
  CHECK(names[0] == "A");
  CHECK(names[1] == "\xC3\xA9");
  CHECK(names[2] == "A");
  CHECK(Decoded(look_up_many("[]")).as<LookupActors>().actor_names.empty());

  CHECK(error_of(R"({"message_type":"LookupActors"})") == "actor_names: missing; expected an array of names");
  CHECK(error_of(look_up_many("\"A\"")) == "actor_names: expected an array of names");
  for (const char* value : {"7", "\"\"", "null", "[\"A\"]", R"({"a":"A"})", R"("\u0007")"})
    CHECK(error_of(look_up_many(std::string("[\"A\",") + value + ",\"B\"]"))
              .starts_with("actor_names[1]: expected a string of "));
}

TEST_CASE("one decoder forgets the batch before") {
  Decoder decoder;
  const std::string long_batch = register_many(
      R"([{"actor_name":"A","actor_endpoint":"tcp://h:1"},{"actor_name":"B","actor_endpoint":"tcp://h:1"}])");
  const std::string short_batch = register_many(R"([{"actor_name":"C"}])");
  const std::string names = look_up_many(R"(["A","B"])");
  const std::string name = look_up_many(R"(["C"])");
  CHECK(std::get<RegisterActors>(decoder.decode(long_batch)).actors.size() == 2);
  CHECK(std::get<LookupActors>(decoder.decode(names)).actor_names.size() == 2);
  CHECK(std::get<LookupActors>(decoder.decode(name)).actor_names.size() == 1);
  const auto& entries = std::get<RegisterActors>(decoder.decode(short_batch)).actors;
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].fault.starts_with("actors[0].actor_endpoint: missing; "));
}

TEST_CASE("a goodbye may ask to be forgotten") {
  Decoded plain(R"({"message_type":"UnregisterManager","manager_id":"M"})");
  CHECK(plain.as<UnregisterManager>().manager_id == "M");
  CHECK_FALSE(plain.as<UnregisterManager>().instance);
  CHECK_FALSE(plain.as<UnregisterManager>().forget);
  Decoded whole(R"({"message_id":914,"manager_id":"M","instance":"i","forget":true})");
  CHECK(whole.as<UnregisterManager>().instance == "i");
  CHECK(whole.as<UnregisterManager>().forget);
  CHECK(error_of(R"({"message_type":"UnregisterManager"})").starts_with("manager_id: missing; "));
  CHECK(error_of(R"({"message_type":"UnregisterManager","manager_id":"M","forget":1})") ==
        "forget: expected true or false");
}

TEST_CASE("an expectation has seconds from 0 to 30 days, and perhaps a reason") {
  constexpr std::array<std::pair<const char*, double>, 7> good = {{{"0", 0},
                                                                   {"60", 60},
                                                                   {"0.5", 0.5},
                                                                   {"6e1", 60},
                                                                   {"-0", 0},
                                                                   {"2592000", longest_expectation_s},
                                                                   {"2.592E+6", longest_expectation_s}}};
  for (const auto& [text, seconds] : good) {
    Decoded decoded(expectation_of(std::string("\"seconds\":") + text));
    CHECK(decoded.as<ExpectOffline>().seconds == seconds);
    CHECK_FALSE(std::signbit(decoded.as<ExpectOffline>().seconds));
    CHECK_FALSE(decoded.as<ExpectOffline>().reason);
  }
  for (const char* text : {"-1", "-0.001", "2592000.1", "1e400", "\"60\"", "null", "true", "[]"})
    CHECK(error_of(expectation_of(std::string("\"seconds\":") + text)) ==
          "seconds: expected a number of seconds from 0 to 2592000");
  CHECK(code_of(R"({"message_type":"ExpectOffline","manager_id":"M"})") == ErrorCode::missing_field);

  Decoded reason(expectation_of(R"("seconds":60,"reason":"update to 2.0")"));
  CHECK(reason.as<ExpectOffline>().reason == "update to 2.0");
  Decoded null_reason(expectation_of(R"("seconds":60,"reason":null)"));
  CHECK_FALSE(null_reason.as<ExpectOffline>().reason);
  for (const std::string& text :
       {std::string("7"), std::string(R"("a\nb")"), '"' + std::string(256, 'x') + '"'})
    CHECK(error_of(expectation_of("\"seconds\":60,\"reason\":" + text)).starts_with("reason: expected "));
}

TEST_CASE("each further request has its number") {
  CHECK(std::holds_alternative<RegisterActors>(
      Decoded(R"({"message_id":910,"manager_id":"M","actors":[]})").request));
  CHECK(std::holds_alternative<LookupActors>(Decoded(R"({"message_id":912,"actor_names":[]})").request));
  CHECK(std::holds_alternative<ExpectOffline>(
      Decoded(R"({"message_id":922,"manager_id":"M","seconds":1})").request));
  for (const char* reply : {"911", "913", "915", "921", "923"})
    CHECK(code_of(std::string(R"({"message_id":)") + reply + "}") == ErrorCode::unknown_type);
}
