#include "clients/cpp/src/reply_text.hpp"

#include "actors/registry/errors.hpp"

#include <doctest/doctest.h>

using namespace actors::registry;

namespace {

using Found = std::pair<std::optional<std::string>, bool>;

ReplyText reply(const char* text) {
  ReplyText reply;
  REQUIRE(reply.read(text));
  return reply;
}

} // namespace

TEST_CASE("a reply is the one to the request whose id it carries") {
  CHECK(reply(R"({"request_id": 7})").answers(7));
  CHECK_FALSE(reply(R"({"request_id": 77})").answers(7));
  CHECK_FALSE(reply(R"({"request_id": "7"})").answers(7));
  CHECK_FALSE(reply(R"({"request_id": 7.0})").answers(7));
  CHECK_FALSE(reply(R"({"request_id": null, "message_type": "Error"})").answers(7));
  CHECK_FALSE(reply(R"({"process": {"request_id": 7}})").answers(7));
  CHECK_FALSE(reply(R"({"request_id": [7]})").answers(7));
}

TEST_CASE("an error without an id answers whatever is under way, and nothing else does") {
  CHECK(reply(R"({"message_type": "Error"})").answers(7));
  CHECK_FALSE(reply(R"({"message_type": "LookupResult"})").answers(7));
  CHECK_FALSE(reply(R"({"message_type": ["Error"]})").answers(7));
}

TEST_CASE("what is no JSON object is no reply") {
  ReplyText reply;
  for (const char* text :
       {"", "nonsense", "[]", "7", "{", R"({"a": 1} x)", R"({"a": 1, "a": 2})", "{\"a\": \"\xff\"}"})
    CHECK_FALSE(reply.read(text));
}

TEST_CASE("a reply says nothing of the one before it") {
  ReplyText reply;
  REQUIRE(reply.read(
      R"({"message_type": "LookupResult", "request_id": 1, "endpoint": "tcp://h:1", "online": true})"));
  CHECK(reply.lookup_result() == Found("tcp://h:1", true));
  REQUIRE(reply.read(R"({"message_type": "LookupResult", "online": false})"));
  CHECK(reply.lookup_result() == Found(std::nullopt, false));
  CHECK_FALSE(reply.answers(1));
}

TEST_CASE("a result of a lookup has an endpoint, or null, and whether it is online") {
  CHECK(reply(R"({"endpoint": null, "online": false})").lookup_result() == Found(std::nullopt, false));
  CHECK(reply(R"({"endpoint": "ipc:\/\/\u00e4", "online": true})").lookup_result() ==
        Found("ipc://\xc3\xa4", true));
  for (const char* text : {R"({"endpoint": "tcp://h:1"})", R"({"endpoint": 7, "online": true})",
                           R"({"endpoint": {}, "online": true})", R"({"endpoint": null, "online": 1})"})
    CHECK_THROWS_AS((void)reply(text).lookup_result(), RegistryError);
}
