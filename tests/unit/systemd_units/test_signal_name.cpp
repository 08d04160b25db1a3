#include "systemd_units/signal_name.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace systemd_units;

TEST_CASE("a signal is known by any of its names") {
  for (const char* text : {"HUP", "SIGHUP", "hup", "sighup", "1"}) {
    CAPTURE(text);
    CHECK(signal_name(text) == "SIGHUP");
  }
  CHECK(signal_name("USR1") == "SIGUSR1");
  CHECK(signal_name("RTMIN") == "SIGRTMIN");
  CHECK(signal_name("rtmin+3") == "SIGRTMIN+3");
  CHECK(signal_name(std::to_string(SIGRTMIN + 2)) == "SIGRTMIN+2");
}

TEST_CASE("what is no signal has no name") {
  for (const char* text : {"", "0", "-1", "65", "SIG", "SIGSIGHUP", "HUP ", "x; true", "RTMIN+", "RTMIN+99",
                           "RTMIN+-1", "1.0", "99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(signal_name(text).has_value());
  }
}

TEST_CASE("names and numbers go round") {
  for (int signal = 1; signal <= SIGRTMAX; ++signal)
    if (const auto name = signal_name(std::to_string(signal))) CHECK(signal_number(*name) == signal);
}
