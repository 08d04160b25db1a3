#include "clients/cpp/src/batches.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/request_texts.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace actors::registry;

TEST_CASE("a batch takes as many as it may") {
  Batch batch(2);
  CHECK(batch.elements().empty());
  CHECK(batch.add("1"));
  CHECK(batch.add("2"));
  CHECK_FALSE(batch.add("3"));
  CHECK(batch.size() == 2);
  CHECK(batch.elements() == "1,2");
}

TEST_CASE("a batch takes no more than fits into a request, but one always") {
  const std::string half(25UL * 1024, 'x');
  Batch batch(1000);
  CHECK(batch.add(half));
  CHECK_FALSE(batch.add(half));
  CHECK(batch.size() == 1);
  Batch too_large(1000);
  CHECK(too_large.add(std::string(100UL * 1024, 'x')));
}

TEST_CASE("names go over the wire as any JSON library reads them") {
  const std::string name = "\"\\\n\x01\x7f \xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xad and more";
  const auto address = nlohmann::json::parse(address_text(name, "tcp://h:1"));
  CHECK(address == nlohmann::json{{"actor_name", name}, {"actor_endpoint", "tcp://h:1"}});
  CHECK(nlohmann::json::parse(lookup_text(name)) ==
        nlohmann::json{{"message_type", "LookupActor"}, {"actor_name", name}});
}

TEST_CASE("what is no UTF-8 is refused before it is sent") {
  for (const char* text :
       {"\xff", "plain text, and then \xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    CHECK_THROWS_AS(lookup_text(text), RegistryError);
    CHECK_THROWS_AS(address_text("A", text), RegistryError);
  }
}
