#include "systemd_units/unit_name.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using systemd_units::service_unit_name;

TEST_CASE("service_unit_name: names that systemd takes, with their suffix") {
  CHECK(service_unit_name("a.service") == "a.service");
  CHECK(service_unit_name("order-processor") == "order-processor.service");
  CHECK(service_unit_name("a.b") == "a.b.service");
  CHECK(service_unit_name("risk@main") == "risk@main.service");
  CHECK(service_unit_name("a@b@c.service") == "a@b@c.service");
  CHECK(service_unit_name("a\\x2db@1.service") == "a\\x2db@1.service");
  CHECK(service_unit_name("x:y_z.service.service") == "x:y_z.service.service");
  CHECK(service_unit_name(std::string(247, 'a')).size() == 255);
}

TEST_CASE("service_unit_name: what is no service's name") {
  for (const std::string& text :
       {std::string(),          std::string(".service"), std::string("@.service"),
        std::string("@x"),      std::string("a@"),       std::string("a@.service"),
        std::string("a.timer"), std::string("a.socket"), std::string("a b"),
        std::string("a/b"),     std::string("a*"),       std::string("a?.service"),
        std::string("[a]"),     std::string("a;reboot"), std::string("$(reboot)"),
        std::string("`a`"),     std::string("a\nb"),     std::string("a\0b", 3),
        std::string("-a"),      std::string("--root=x"), std::string("\xc3\xa4.service"),
        std::string(248, 'a')}) {
    CAPTURE(text);
    CHECK_THROWS_AS(service_unit_name(text), std::invalid_argument);
  }
}

TEST_CASE("service_unit_name: says what is wrong") {
  CHECK_THROWS_WITH(service_unit_name("a*"), doctest::Contains("it has a '*'"));
  CHECK_THROWS_WITH(service_unit_name("a\nb"), doctest::Contains("it has a byte 10"));
  CHECK_THROWS_WITH(service_unit_name("risk@.service"), doctest::Contains("risk@INSTANCE.service"));
  CHECK_THROWS_WITH(service_unit_name("a.timer"), doctest::Contains("timer"));
}
