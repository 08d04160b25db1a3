#include "registry_core/security/curve_key.hpp"

#include <doctest/doctest.h>
#include <zmq.hpp>

#include <array>
#include <cctype>

using registry_core::CurveKey;

TEST_CASE("a key's text is what libzmq makes of it, and leads back to the key") {
  for (int i = 0; i < 50; ++i) {
    const auto secret = CurveKey::make_secret();
    std::array<char, 41> text{};
    REQUIRE(zmq_z85_encode(text.data(), secret.bytes().data(), secret.bytes().size()) != nullptr);
    CHECK(secret.text() == text.data());
    CHECK(CurveKey::parse(text.data()) == secret);
    CHECK(secret.public_key().bytes() != secret.bytes());
  }
}

TEST_CASE("the public key is the one that libzmq knows") {
  std::array<char, 41> public_text{};
  std::array<char, 41> secret_text{};
  REQUIRE(zmq_curve_keypair(public_text.data(), secret_text.data()) == 0);
  const auto secret = CurveKey::parse(secret_text.data());
  REQUIRE(secret);
  CHECK(secret->public_key().text() == public_text.data());
}

TEST_CASE("a public key that is made can stand on a command line") {
  for (int i = 0; i < 300; ++i)
    CHECK(std::isalnum(static_cast<unsigned char>(CurveKey::make_secret().public_key().text().front())) != 0);
}

TEST_CASE("what is no key's text is none") {
  const std::string good(40, '0');
  CHECK(CurveKey::parse(good));
  CHECK_FALSE(CurveKey::parse(""));
  CHECK_FALSE(CurveKey::parse(good + "0"));
  CHECK_FALSE(CurveKey::parse(good.substr(1)));
  CHECK_FALSE(CurveKey::parse("#####" + good.substr(5))); // five characters beyond four bytes
  CHECK_FALSE(CurveKey::parse("\"" + good.substr(1)));
  CHECK_FALSE(CurveKey::parse(std::string(40, '\0')));
}

TEST_CASE("wiped is empty") {
  std::string text = "secret";
  registry_core::wipe(text);
  CHECK(text.empty());
}
