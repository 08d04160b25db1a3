#include "registry_core/protocol/names.hpp"

#include <doctest/doctest.h>

using namespace protocol;

TEST_CASE("a name has 1 to 255 bytes and no control character") {
  CHECK(is_name("A"));
  CHECK(is_name("Order/Book *?[ \xC3\xA9 \xC2\xA0"));
  CHECK(is_name(std::string(255, 'x')));
  CHECK_FALSE(is_name(""));
  CHECK_FALSE(is_name(std::string(256, 'x')));
  for (const char* text : {"a\nb", "\x1F", "\x7F", "\xC2\x80", "a\xC2\x9F"})
    CHECK_FALSE(is_name(text));
}

TEST_CASE("a manager id has no glob characters and no slash") {
  CHECK(is_manager_id("Order Manager-1.x]"));
  for (const char* text : {"a/b", "a*", "?", "a[b]", ""})
    CHECK_FALSE(is_manager_id(text));
}

TEST_CASE("endpoints are what another process can connect to") {
  for (const char* text :
       {"tcp://localhost:5556", "tcp://10.0.0.1:1", "tcp://*:65535", "tcp://0.0.0.0:80", "tcp://[::1]:80",
        "tcp://[::]:80", "tcp://[fe80::1%eth0]:80", "tcp://host-1.example.org:5", "tcp://under_score:5",
        "ipc:///run/x.sock", "ipc://@name", "tcp://example.org.:5"}) {
    CAPTURE(text);
    CHECK(is_actor_endpoint(text));
  }
  for (const char* text : {"",
                           "tcp://",
                           "tcp://host",
                           "tcp://host:",
                           "tcp://host:0",
                           "tcp://host:*",
                           "tcp://host:65536",
                           "tcp://host:+5",
                           "tcp://host: 5",
                           "tcp://:5",
                           "tcp://::1:80",
                           "tcp://[::1]",
                           "tcp://[10.0.0.1]:5",
                           "tcp://[]:5",
                           "tcp://a b:5",
                           "tcp://a;b:5",
                           "tcp://1.2.3:5",
                           "tcp://999.1.1.1:5",
                           "tcp://a..b:5",
                           "tcp://-a:5",
                           "inproc://x",
                           "udp://h:5",
                           "TCP://h:5",
                           "ipc://",
                           "ipc://*",
                           "ipc://@",
                           "ipc://a\nb",
                           "localhost:5556",
                           "tcp://h:5/x",
                           "tcp://h/x:5"}) {
    CAPTURE(text);
    CHECK_FALSE(is_actor_endpoint(text));
  }
  CHECK(is_actor_endpoint("ipc://" + std::string(107, 'p')));
  CHECK_FALSE(is_actor_endpoint("ipc://" + std::string(108, 'p')));
  CHECK_FALSE(is_actor_endpoint("tcp://" + std::string(254, 'h') + ":5"));
}

TEST_CASE("wildcard and loopback hosts") {
  for (const char* host : {"*", "0.0.0.0", "::", "0:0::0"})
    CHECK(is_wildcard_host(host));
  for (const char* host : {"10.0.0.0", "::1", "localhost", "0"})
    CHECK_FALSE(is_wildcard_host(host));
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
    CHECK(is_loopback_host(host));
  for (const char* host : {"10.0.0.1", "127.example.org", "::"})
    CHECK_FALSE(is_loopback_host(host));
}
