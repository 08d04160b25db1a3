#include "cli/output.hpp"

#include <doctest/doctest.h>

namespace cli {

TEST_CASE("control characters never reach a terminal") {
  CHECK(harmless("a\x1b[31mb\nc\x7f") == "a\\x1b[31mb\\x0ac\\x7f");
  CHECK(harmless("grün") == "grün");
  CHECK(harmless("a\xC2\x9B"
                 "31mb") == "a\\u009b31mb");
  CHECK(harmless("\xC2\x80\xC2\x9F\xC2\xA0") == "\\u0080\\u009f\xC2\xA0");
  CHECK(harmless("日本 😀 e\u0301") == "日本 😀 e\u0301");
}

TEST_CASE("nothing turns the text around it, or breaks its line") {
  CHECK(harmless("Order\u202Erossecor\u202C") == "Order\\u202erossecor\\u202c");
  CHECK(harmless("\u061C\u200E\u200F\u2028\u2029\u202A\u2066\u2069\u202C") ==
        "\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a\\u2066\\u2069\\u202c");
  CHECK(harmless("\u2027\u202F\u2065\u206A") == "\u2027\u202F\u2065\u206A");
}

TEST_CASE("what is no UTF-8 is shown byte by byte") {
  CHECK(harmless("a\x9B"
                 "b\xFF\xE2\x82") == "a\\x9bb\\xff\\xe2\\x82");
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
