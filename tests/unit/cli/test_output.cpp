#include "cli/output.hpp"

#include <doctest/doctest.h>

namespace cli {

TEST_CASE("control characters never reach a terminal") {
  CHECK(harmless("a\x1b[31mb\nc\x7f") == "a\\x1b[31mb\\x0ac\\x7f");
  CHECK(harmless("grün") == "grün");
}

TEST_CASE("a host's line says what failed and what to do") {
  using controller::Failure;
  using controller::FailureClass;
  CHECK(line_for_host("server1", Failure{FailureClass::connect, "connection refused", ""}) ==
        "host server1: connection refused");
  CHECK(line_for_host("server1", Failure{FailureClass::host_key, "host key changed (known_hosts:12)",
                                         "actorsctl hosts trust --replace server1"}) ==
        "host server1: host key changed (known_hosts:12); if that is right: actorsctl hosts trust --replace "
        "server1");
  CHECK(line_for_host("server1", Failure{FailureClass::host_key, "host key revoked (revoked:3)",
                                         "it needs a new one"}) ==
        "host server1: host key revoked (revoked:3); it needs a new one");
}

} // namespace cli
