#include "config/load.hpp"
#include "config/trusted_clients.hpp"

#include <doctest/doctest.h>

#include <string>
#include <system_error>

using namespace config;

namespace {

const std::string key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

std::string faults_of_clients(const std::string& text) {
  try {
    parse_clients(text, "f");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("clients arrive with their lists, and an absent list is not an empty one") {
  const auto clients = parse_clients(
      R"({"clients": { // those of the exchange
    "orders": {"key": ")" +
          key + R"(", "register": ["Order*"], "lookup": ["*"], "unregister": [], "list": ["A", "B"],
               "managers": ["OrderProcessor"]},
    "viewer": {"key": "0000000000000000000000000000000000000000"}}})",
      "f");
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].name == "orders");
  CHECK(clients[0].key == key);
  CHECK(clients[0].register_names == std::vector<std::string>{"Order*"});
  CHECK(clients[0].unregister == std::vector<std::string>{});
  CHECK(clients[0].list->size() == 2);
  CHECK(clients[0].managers == std::vector<std::string>{"OrderProcessor"});
  CHECK_FALSE(clients[1].look_up);
  CHECK(parse_clients("{}", "f").empty());
}

TEST_CASE("what is written is read again") {
  const std::vector<TrustedClient> clients = {
      {"orders \"x\"", key, std::vector<std::string>{"Order*"}, {}, std::vector<std::string>{}, {}, {}}};
  CHECK(parse_clients(text_of(clients), "f") == clients);
  CHECK(parse_clients(text_of(std::vector<TrustedClient>{}), "f").empty());
}

TEST_CASE("what is wrong is a fault with its place") {
  CHECK(faults_of_clients(R"({"clients": {"a": {}}})") == "f:1:14: clients.a: has no 'key'");
  CHECK(faults_of_clients(R"({"clients": {"a": {"key": "x"}}})") ==
        "f:1:27: clients.a.key: expected a public key of 40 characters (Z85)");
  CHECK(faults_of_clients(R"({"clients": {"a": {"key": ")" + key + R"(", "regster": []}}})") ==
        "f:1:71: clients.a.regster: unknown key 'regster', did you mean 'register'?");
  CHECK(faults_of_clients(R"({"clients": {"a": {"key": ")" + key + R"("}, "b": {"key": ")" + key +
                          R"("}}})") == "f:1:85: clients.b.key: client 'a' has this key already");
  CHECK(faults_of_clients(R"({"clients": {"a": {"key": ")" + key + R"("}, "a": {"key": ")" + key + R"("}}})")
            .find("stands twice") != std::string::npos);
  CHECK(faults_of_clients(R"({"clints": {}})").find("'clients'") != std::string::npos);
  for (const std::string text : {"", "[]", "{", R"({"clients": []})", R"({"clients": {"a": 1}})",
                                 R"({"clients": {"": {}}})", R"({"clients": {"a*": {}}})"}) {
    CAPTURE(text);
    CHECK(faults_of_clients(text).starts_with("f:1:"));
  }
  CHECK_THROWS_AS(load_clients("/nonexistent/clients.json"), std::system_error);
}
