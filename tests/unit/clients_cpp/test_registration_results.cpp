#include "clients/cpp/src/registration_results.hpp"

#include <doctest/doctest.h>

using namespace actors::registry;

namespace {

const std::vector<ActorAddress> asked = {{"A", "tcp://h:1"}, {"B", "tcp://*:2"}};

} // namespace

TEST_CASE("each name has the result that stands at its place") {
  const auto read = read_registration_results(
      R"({"message_type": "RegistrationResults", "epoch": "e", "later": [{"ok": 1}], "actors": 7, "results":
          [{"actor_name": "A", "ok": false, "reason": "no", "code": "taken", "more": {"ok": true}},
           {"ok": true, "actor_endpoint": "tcp://10.0.0.1:2", "local_only": true, "more": [[1], {"reason": 2}]}]})",
      asked);
  CHECK(read.epoch == "e");
  CHECK(read.actors == 7);
  REQUIRE(read.results.size() == 2);
  CHECK(read.results[0].actor_name == "A");
  CHECK_FALSE(read.results[0].ok);
  CHECK(read.results[0].reason == "no");
  CHECK(read.results[0].code == "taken");
  CHECK(read.results[1].ok);
  CHECK(read.results[1].stored.endpoint == "tcp://10.0.0.1:2");
  CHECK(read.results[1].stored.local_only);
}

TEST_CASE("what a result does not say is what was sent, and a refusal has a reason") {
  const auto read = read_registration_results(R"({"results": [{"ok": true}, {"ok": false}]})", asked);
  CHECK(read.epoch.empty());
  CHECK(read.actors == 0);
  CHECK(read.results[0].stored.endpoint == "tcp://h:1");
  CHECK_FALSE(read.results[0].stored.local_only);
  CHECK(read.results[1].reason == "refused");
  CHECK(read.results[1].code.empty());
  CHECK(read.results[1].stored.endpoint.empty());
}

TEST_CASE("results for other names than were asked for are an error") {
  for (const char* text : {R"({"results": []})", R"({"results": [{"ok": true}]})",
                           R"({"results": [{"ok": true}, {"ok": true}, {"ok": true}]})"})
    CHECK_THROWS_WITH_AS(read_registration_results(text, asked),
                         "the registry answered for other names than were registered", RegistryError);
}

TEST_CASE("results that lack what they must have are an error") {
  for (const char* text :
       {R"({})", R"({"results": null})", R"({"results": {"ok": true}})",
        R"({"results": {"a": {"ok": true}}})", R"({"results": [1, 2]})", R"({"results": [[], []]})",
        R"({"results": [{}, {}]})", R"({"results": [{"ok": 1}, {"ok": true}]})",
        R"({"results": [{"ok": {}}, {"ok": true}]})",
        R"({"results": [{"ok": true, "actor_endpoint": 7}, {"ok": true}]})",
        R"({"results": [{"ok": false, "reason": []}, {"ok": true}]})",
        R"({"epoch": 7, "results": [{"ok": true}, {"ok": true}]})",
        R"({"actors": "many", "results": [{"ok": true}, {"ok": true}]})",
        R"({"actors": -1, "results": [{"ok": true}, {"ok": true}]})", "nonsense"})
    CHECK_THROWS_AS(read_registration_results(text, asked), RegistryError);
}
