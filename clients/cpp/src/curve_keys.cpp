#include "clients/cpp/src/curve_keys.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace actors::registry {

namespace {

using KeyText = std::array<char, CurveKey::text_size + 1>;

/// A key pair as text, wiped when it goes.
struct TextPair {
  TextPair() = default;
  ~TextPair() { explicit_bzero(secret_key.data(), secret_key.size()); }
  TextPair(const TextPair&) = delete;
  TextPair& operator=(const TextPair&) = delete;
  KeyText public_key{};
  KeyText secret_key{};
};

void check(int result) {
  if (result != 0)
    throw UnusableKeyError(std::string("libzmq does not take the keys: ") + zmq_strerror(zmq_errno()));
}

/// What begins as a path does may be a key all the same: 2 of Z85's 85 characters are '/' and '.'.
CurveKey server_key_of(const std::string& text) {
  const auto key = CurveKey::parse(text);
  if (key && access(text.c_str(), F_OK) != 0) return *key;
  if (!key && text.front() != '/' && text.front() != '.' && access(text.c_str(), F_OK) != 0)
    throw UnusableKeyError("the registry's key: expected 40 characters (Z85), or a certificate's path");
  const auto certificate = read_certificate(text, Readers::anybody);
  if (!certificate.public_key) throw UnusableKeyError(text + ": expected a certificate with a public-key");
  return *certificate.public_key;
}

/// The public key that belongs to it.
CurveKey public_of(const CurveKey& secret) {
  TextPair pair;
  zmq_z85_encode(pair.secret_key.data(), secret.data(), CurveKey::size);
  check(zmq_curve_public(pair.public_key.data(), pair.secret_key.data()));
  return CurveKey::parse(pair.public_key.data()).value();
}

void read_own(const std::string& path, CurveKeys::Pair& into) {
  const auto certificate = read_certificate(path, Readers::owner);
  if (!certificate.secret_key) throw UnusableKeyError(path + ": expected a certificate with a secret-key");
  into.own_secret = certificate.secret_key;
  into.own_public = public_of(*certificate.secret_key);
  if (certificate.public_key && *certificate.public_key != *into.own_public)
    throw UnusableKeyError(path + ": its public-key is another's than its secret-key");
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return value ? value : "";
}

void set_key(zmq::socket_t& socket, int option, const CurveKey& key) {
  check(zmq_setsockopt(socket.handle(), option, key.data(), CurveKey::size));
}

void use_fresh_pair(zmq::socket_t& socket) {
  TextPair pair;
  check(zmq_curve_keypair(pair.public_key.data(), pair.secret_key.data()));
  check(zmq_setsockopt(socket.handle(), ZMQ_CURVE_PUBLICKEY, pair.public_key.data(), pair.public_key.size()));
  check(zmq_setsockopt(socket.handle(), ZMQ_CURVE_SECRETKEY, pair.secret_key.data(), pair.secret_key.size()));
}

} // namespace

CurveKeys::CurveKeys(const std::string& server_key, const std::string& key_file) {
  if (server_key.empty() && key_file.empty()) return;
  if (server_key.empty())
    throw UnusableKeyError(key_file + ": is of no use without the registry's public key");
  auto pair = std::make_shared<Pair>();
  pair->server = server_key_of(server_key);
  if (!key_file.empty()) read_own(key_file, *pair);
  pair_ = std::move(pair);
}

CurveKeys CurveKeys::from_environment() {
  const std::string server_key = environment("REGISTRY_SERVER_KEY");
  const std::string key_file = environment("REGISTRY_KEY_FILE");
  try {
    return CurveKeys(server_key, key_file);
  } catch (const UnusableKeyError& error) {
    throw UnusableKeyError(std::string("REGISTRY_SERVER_KEY, REGISTRY_KEY_FILE: ") + error.what());
  }
}

void use_keys(zmq::socket_t& socket, const CurveKeys& keys) {
  const CurveKeys::Pair* const pair = keys.pair();
  if (!pair) return;
  set_key(socket, ZMQ_CURVE_SERVERKEY, pair->server);
  if (pair->own_secret) {
    set_key(socket, ZMQ_CURVE_PUBLICKEY, *pair->own_public);
    set_key(socket, ZMQ_CURVE_SECRETKEY, *pair->own_secret);
  } else {
    use_fresh_pair(socket);
  }
}

} // namespace actors::registry
