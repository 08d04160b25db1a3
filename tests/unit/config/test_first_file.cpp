#include "config/first_file.hpp"

#include "config/load.hpp"
#include "config/schema.hpp"

#include <doctest/doctest.h>

using namespace config;

TEST_CASE("an empty first file is the defaults") {
  const auto config = parse(text_of({}), "f");
  CHECK(config.registry_endpoint == Config().registry_endpoint);
  CHECK(config.registry_connect.empty());
  CHECK(config.heartbeat_timeout_s == Config().heartbeat_timeout_s);
  CHECK(config.warnings.empty());
  CHECK(config.hosts.empty());
}

TEST_CASE("a registry for everybody binds everywhere, at the port where it is reached") {
  const auto config = parse(text_of({"tcp://registry.example:5000", {}}), "f");
  CHECK(config.registry_endpoint.front() == "tcp://0.0.0.0:5000");
  CHECK(config.registry_connect.front() == "tcp://registry.example:5000");
  const auto by_ipv6 = parse(text_of({"tcp://[2001:db8::1]:5000", {}}), "f");
  CHECK(by_ipv6.registry_endpoint.front() == "tcp://[::]:5000");
}

TEST_CASE("a registry on this machine is bound where it is reached") {
  for (const auto* const endpoint : {"tcp://127.0.0.1:7000", "tcp://[::1]:7000", "ipc:///run/registry"}) {
    const auto config = parse(text_of({endpoint, {}}), "f");
    CHECK(config.registry_endpoint.front() == endpoint);
    CHECK(config.registry_connect.empty());
  }
  CHECK(parse(text_of({"tcp://localhost:7", {}}), "f").registry_endpoint.front() == "tcp://127.0.0.1:7");
}

TEST_CASE("hosts and managers arrive as they were said") {
  const auto config = parse(
      text_of(
          {"", {{"a \"quoted\" host", "ops@a", {{"M\\1", "m"}, {"N", "n.service"}}}, {"b", "local", {}}}}),
      "f");
  REQUIRE(config.hosts.size() == 2);
  CHECK(config.hosts[0].name == "a \"quoted\" host");
  CHECK(config.hosts[0].ssh == "ops@a");
  REQUIRE(config.hosts[0].managers.size() == 2);
  CHECK(config.hosts[0].managers[0].id == "M\\1");
  CHECK(config.hosts[0].managers[1].service == "n.service");
  CHECK(config.hosts[1].is_local());
  CHECK(config.hosts[1].managers.empty());
}

TEST_CASE("editors are told where the schema is") {
  CHECK(schema_uri().starts_with("file:///"));
  CHECK(text_of({}).find("\"$schema\": \"" + std::string(schema_uri()) + "\"") != std::string::npos);
}

TEST_CASE("what is no UTF-8 makes no other text of the file") {
  CHECK_THROWS_AS(parse(text_of({"", {{"\xff\"", "a\n\xfe", {}}}}), "f"), Error);
}
