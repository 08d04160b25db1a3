#include "controller/failure.hpp"

#include "controller/host_link.hpp"
#include "ssh/error.hpp"

#include <doctest/doctest.h>

namespace controller {
namespace {

using Class = FailureClass;

} // namespace

TEST_CASE("each failure of a host says what to do") {
  for (const auto one : {Class::settings, Class::resolve, Class::connect, Class::busy, Class::host_key,
                         Class::authentication, Class::lost, Class::timed_out}) {
    CAPTURE(to_string(one));
    CHECK_FALSE(usual_hint(one, "h1").empty());
  }
  CHECK(usual_hint(Class::job_failed, "h1").empty());
}

TEST_CASE("a hint that SSH gives wins, and a command is completed with the host's name") {
  const auto usual = to_failure(ssh::Error(ssh::ErrorClass::connect, "connection refused"), "h1");
  CHECK(usual.failure_class == Class::connect);
  CHECK(usual.hint == usual_hint(Class::connect, "h1"));
  const auto own = to_failure(ssh::Error(ssh::ErrorClass::busy, "full", "wait"), "h1");
  CHECK(own.hint == "wait");
  const auto unknown =
      to_failure(ssh::Error(ssh::ErrorClass::host_key, "unknown", "actorsctl hosts trust"), "h1");
  CHECK(unknown.hint == "actorsctl hosts trust h1");
}

} // namespace controller
