#include "clients/cpp/src/envelopes.hpp"

#include "actors/registry/errors.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace actors::registry;
using nlohmann::json;

namespace {

json vectors() {
  return json::parse(std::ifstream(std::string(VECTORS_DIR) + "/client/envelopes.json"));
}

/// The object as a map has it: white space and order say nothing.
json fields_of(const Envelope& envelope) {
  return {{"sender_actor", envelope.sender_actor},
          {"sender_endpoint", envelope.sender_endpoint},
          {"receiver", envelope.receiver},
          {"message_type", envelope.message_type},
          {"message", json::parse(envelope.message)}};
}

} // namespace

TEST_CASE("envelopes are written and read as the vectors have them") {
  const json envelopes = vectors().at("envelopes");
  CHECK(envelopes.size() >= 5);
  for (const json& vector : envelopes) {
    const json& fields = vector.at("fields");
    const std::string wire = vector.at("wire").dump();
    CAPTURE(wire);
    const auto read = parse_envelope(wire);
    REQUIRE(read);
    CHECK(fields_of(*read) == fields);
    if (vector.value("read_only", false)) continue;
    CHECK(json::parse(
              envelope_text({fields.at("sender_actor"), fields.at("sender_endpoint"), fields.at("receiver"),
                             fields.at("message_type"), fields.at("message").dump()})) == vector.at("wire"));
  }
}

TEST_CASE("what is no envelope is none") {
  const json refused = vectors().at("refused");
  CHECK(refused.size() >= 5);
  for (const json& text : refused) {
    CAPTURE(text.dump());
    CHECK_FALSE(parse_envelope(text.get<std::string>()));
  }
  // Deeply nested, which must not cost the stack.
  const std::string deep = R"({"receiver":"A","message_type":"T","message":{"a":)" +
                           std::string(300'000, '[') + std::string(300'000, ']') + "}}";
  CHECK(parse_envelope(deep)->message.size() == 600'006);
}

TEST_CASE("what would be no envelope is not sent") {
  for (const char* message :
       {"", "[]", "7", "{", "{} {}", "{},\"message\":{}", "{\"a\":1,\"a\":2}", "{\"a\":\"\xFF\"}"}) {
    CAPTURE(message);
    CHECK_THROWS_AS(envelope_text({"S", "tcp://h:1", "R", "T", message}), RegistryError);
  }
  CHECK_THROWS_AS(envelope_text({"S", "tcp://h:1", "R", "", "{}"}), RegistryError);
  CHECK_THROWS_AS(envelope_text({"S", "tcp://h:1", "\xFF", "T", "{}"}), RegistryError);
  CHECK(parse_envelope(envelope_text({"S", "", "R", "T", " {\"a\":1}\n"}))->message == "{\"a\":1}");
}
