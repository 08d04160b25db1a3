#include "config/load.hpp"
#include "config/rules.hpp"

#include "tests/unit/config/read_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace config;
using test::faults;

namespace {

/// A file with two endpoints on the network and this `security`.
std::string with(const std::string& security) {
  return R"({"registry_endpoint": ["tcp://0.0.0.0:1", "tcp://127.0.0.1:2"], "events_endpoint": "tcp://0.0.0.0:3",
"security": )" +
         security + "}";
}

const std::string files = R"("key_file": "/k", "clients_file": "/c")";

} // namespace

TEST_CASE("what is to be secured arrives") {
  const auto config = parse(with(R"({"curve": {"endpoints": ["tcp://0.0.0.0:1"], )" + files +
                                 R"(}, "allow": {"tcp://0.0.0.0:3": ["10.0.0.0/8"]}, "require": true,
                                   "client": {"server_key": "/s.key", "key_file": "/me.key_secret"}})"),
                            "f");
  CHECK(config.security.curve_endpoints == std::vector<std::string>{"tcp://0.0.0.0:1"});
  CHECK(config.security.key_file == "/k");
  CHECK(config.security.clients_file == "/c");
  CHECK(config.security.allow == std::vector<AllowedNetworks>{{"tcp://0.0.0.0:3", {"10.0.0.0/8"}}});
  CHECK(config.security.require);
  CHECK(config.security.client_server_key == "/s.key");
  CHECK(config.security.client_key_file == "/me.key_secret");
  CHECK(config.exposed.empty());
  CHECK(config.not_in_force.empty());
  CHECK(is_curve(config.security, "tcp://0.0.0.0:1"));
  CHECK_FALSE(is_curve(config.security, "tcp://0.0.0.0:3"));
}

TEST_CASE("CURVE everywhere is at every endpoint that others reach") {
  const auto config = parse(with(R"({"curve": {"endpoints": true, )" + files + "}}"), "f");
  CHECK(is_curve(config.security, "tcp://0.0.0.0:1"));
  CHECK(is_curve(config.security, "tcp://0.0.0.0:3"));
  CHECK_FALSE(is_curve(config.security, "tcp://127.0.0.1:2"));
  CHECK_FALSE(is_curve(config.security, "ipc:///r"));
  CHECK(config.exposed.empty());
}

TEST_CASE("an endpoint that is open to the network is said, with its place") {
  const auto config = parse(with("{}"), "f");
  REQUIRE(config.exposed.size() == 2);
  CHECK(config.exposed[0].starts_with("f:1:23: registry_endpoint: tcp://0.0.0.0:1 is OPEN TO THE NETWORK"));
  CHECK(config.exposed[1].starts_with("f:1:84: events_endpoint: tcp://0.0.0.0:3 is OPEN"));
  CHECK(parse("{}", "f").exposed.empty());
  CHECK(open_endpoints(parse(R"({"actor_endpoint": "tcp://192.0.2.1:4"})", "f")).at(0).endpoint ==
        "tcp://192.0.2.1:4");
}

TEST_CASE("where it is required that none is open, it is a fault") {
  const auto text = faults(with(R"({"require": true, "allow": {"tcp://0.0.0.0:1": []}})"));
  CHECK(text.find("f:1:84: events_endpoint: tcp://0.0.0.0:3 is OPEN") == 0);
  CHECK(text.ends_with("(security.require)"));
  CHECK(faults(R"({"security": {"require": true}})").empty());
}

TEST_CASE("what is missing, unknown or wrong is a fault with its place") {
  CHECK(faults(with(R"({"curve": {"endpoints": true}})")) ==
        "f:2:14: security.curve: has no 'key_file'\nf:2:14: security.curve: has no 'clients_file'");
  CHECK(faults(with("{\"curve\": {" + files + "}}")) == "f:2:14: security.curve: has no 'endpoints'");
  CHECK(faults(with(R"({"curve": {"endpoints": ["tcp://0.0.0.0:9"], )" + files + "}}")) ==
        "f:2:38: security.curve.endpoints: no endpoint of the registry is 'tcp://0.0.0.0:9', did you mean "
        "'tcp://0.0.0.0:1'?");
  CHECK(faults(with(R"({"allow": {"tcp://10.0.0.1:77": []}})")).find("no endpoint of the registry is") !=
        std::string::npos);
  CHECK(faults(with(R"({"alow": {}})")) ==
        "f:2:14: security.alow: unknown key 'alow', did you mean 'allow'?");
  CHECK(faults(with(R"({"client": {"key_file": "/k"}})")) ==
        "f:2:14: security.client: has no 'server_key', without which no key is used");
  CHECK(faults(R"({"registry_endpoint": "ipc:///r", "security": {"allow": {"ipc:///r": []}}})")
            .find("an ipc endpoint has no networks") != std::string::npos);
  for (const auto& security : std::initializer_list<std::string>{
           "[]", R"({"curve": 1})", R"({"curve": {"endpoints": false, )" + files + "}}",
           R"({"curve": {"endpoints": [], )" + files + "}}",
           R"({"curve": {"endpoints": "tcp://0.0.0.0:1", )" + files + "}}",
           R"({"curve": {"endpoints": true, "key_file": "k", "clients_file": "/c"}})", R"({"require": 1})",
           R"({"allow": {"tcp://0.0.0.0:1": "10.0.0.0/8"}})",
           R"({"allow": {"tcp://0.0.0.0:1": ["10.0.0.0/99"]}})", R"({"allow": {"x": []}})",
           R"({"client": {"server_key": "short"}})", R"({"client": {"server_key": 1}})"}) {
    CAPTURE(security);
    CHECK_FALSE(faults(with(security)).empty());
  }
}

TEST_CASE("a key's text has 40 characters of Z85, and no group beyond four bytes") {
  CHECK(is_curve_key("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"));
  CHECK_FALSE(is_curve_key("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI"));
  CHECK_FALSE(is_curve_key("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\""));
  CHECK_FALSE(is_curve_key("#####w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"));
}
