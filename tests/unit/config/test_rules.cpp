#include "config/rules.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace config;

TEST_CASE("why_not_id: the registry protocol's rule for manager ids") {
  for (const std::string& text :
       {std::string("a"), std::string("Order Processor-1.2@x"), std::string("\xc3\xa4"),
        std::string(255, 'a'), std::string("\xe2\x82\xac")}) {
    CAPTURE(text);
    CHECK(why_not_id(text).empty());
  }
  for (const std::string& text : {std::string(), std::string(256, 'a'), std::string("a/b"), std::string("a*"),
                                  std::string("?"), std::string("[a"), std::string("a\tb"),
                                  std::string("a\x7f"), std::string("a\xc2\x9b"), std::string(1, '\0')}) {
    CAPTURE(text);
    CHECK_FALSE(why_not_id(text).empty());
  }
}

TEST_CASE("why_not_endpoint: to bind and to connect") {
  for (const std::string text :
       {"tcp://127.0.0.1:5555", "tcp://host.example-1.net:1", "tcp://[::1]:65535",
        "tcp://[fe80::1%eth0]:5555", "tcp://eth0:5555", "ipc:///run/actors/registry", "ipc://@abstract"}) {
    CAPTURE(text);
    CHECK(why_not_endpoint(text, EndpointUse::bind).empty());
    CHECK(why_not_endpoint(text, EndpointUse::connect).empty());
  }
  for (const std::string text : {"tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://[::]:5555"}) {
    CAPTURE(text);
    CHECK(why_not_endpoint(text, EndpointUse::bind).empty());
    CHECK_FALSE(why_not_endpoint(text, EndpointUse::connect).empty());
    CHECK(is_wildcard(text));
  }
  for (const std::string& text : {std::string(),
                                  std::string("tcp://"),
                                  std::string("tcp://a"),
                                  std::string("tcp://a:"),
                                  std::string("tcp://:1"),
                                  std::string("tcp://a:0"),
                                  std::string("tcp://a:65536"),
                                  std::string("tcp://a:+1"),
                                  std::string("tcp://a:1x"),
                                  std::string("tcp://a:*"),
                                  std::string("tcp://::1:5555"),
                                  std::string("tcp://[::1:5555"),
                                  std::string("tcp://[x]:1"),
                                  std::string("tcp://[]:1"),
                                  std::string("tcp://[:1"),
                                  std::string("tcp://a b:1"),
                                  std::string("tcp://a/b:1"),
                                  std::string("tcp://a;b:1"),
                                  std::string("udp://a:1"),
                                  std::string("a:1"),
                                  std::string("ipc://"),
                                  std::string("inproc://a"),
                                  std::string("ipc://a\n"),
                                  "ipc:///" + std::string(107, 'x')}) {
    CAPTURE(text);
    CHECK_FALSE(why_not_endpoint(text, EndpointUse::bind).empty());
  }
}

TEST_CASE("why_not_network, why_not_user, why_not_variable") {
  for (const std::string text : {"10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::/128"})
    CHECK(why_not_network(text).empty());
  for (const std::string text : {"", "10.0.0/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "a/8", "10.0.0.0/-1"})
    CHECK_FALSE(why_not_network(text).empty());
  for (const std::string text : {"actors", "_x-1", "a.b"})
    CHECK(why_not_user(text).empty());
  for (const std::string text : {"", "-a", "a b", "a:b", "a/b"})
    CHECK_FALSE(why_not_user(text).empty());
  for (const std::string text : {"A", "_a1"})
    CHECK(why_not_variable(text).empty());
  for (const std::string text : {"", "1A", "A-B", "A=B"})
    CHECK_FALSE(why_not_variable(text).empty());
}

TEST_CASE("nearest: a typing mistake away, or nothing") {
  constexpr std::array<std::string_view, 4> known{"heartbeat_timeout_s", "takeover", "ssh", "data_dir"};
  CHECK(nearest("heartbeet_timeout_s", known) == "heartbeat_timeout_s");
  CHECK(nearest("takeovre", known) == "takeover");
  CHECK(nearest("shh", known) == "ssh");
  CHECK(nearest("datadir", known) == "data_dir");
  CHECK(nearest("colour", known).empty());
  CHECK(nearest("x", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest(std::string(100'000, 'a'), known).empty());
}

TEST_CASE("printable: what a terminal may see") {
  CHECK(in_quotes("a b") == "'a b'");
  CHECK(printable("a\x1b[31m\n\x7f") == "a\\x1b[31m\\x0a\\x7f");
  CHECK(printable("\xc2\x9b\xc3\xa4") == "\\xc2\\x9b\xc3\xa4");
  CHECK(printable(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(printable(std::string(81, 'a')) == std::string(80, 'a') + "...");
  CHECK(printable(std::string(79, 'a') + "\xc3\xa4z") == std::string(79, 'a') + "\xc3\xa4...");
}
