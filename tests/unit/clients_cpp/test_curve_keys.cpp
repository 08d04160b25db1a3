#include "clients/cpp/src/curve_keys.hpp"

#include "tests/unit/clients_cpp/curve_registry.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace actors::registry;

namespace {

class Folder {
public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "curve-keys-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::string path = path_ / name;
    std::ofstream(path) << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path;
  }
  [[nodiscard]] std::string path() const { return path_; }

private:
  std::filesystem::path path_;
};

std::string certificate(const std::string& public_key, const std::string& secret_key = {}) {
  std::string text = "#  a comment with = in it\n\nmetadata\n    name = \"me\"\ncurve\n";
  text += "    public-key = \"" + public_key + "\"\n";
  if (!secret_key.empty()) text += "    secret-key = \"" + secret_key + "\"\n";
  return text;
}

std::string why_unusable(const std::string& server_key, const std::string& key_file = {}) {
  try {
    const CurveKeys keys(server_key, key_file);
  } catch (const UnusableKeyError& error) {
    return error.what();
  }
  return "";
}

/// Set for as long as it lives.
class Variable {
public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

private:
  const char* name_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("keys are text or files, and a client may have none of its own") {
  const Folder folder;
  const KeyTexts server;
  const KeyTexts own;
  const std::string key_file = folder.file("c.key_secret", certificate(own.public_key, own.secret_key));
  for (const std::string& server_key :
       {server.public_key, folder.file("r.key", certificate(server.public_key), 0644)}) {
    const CurveKeys keys(server_key, key_file);
    REQUIRE(keys);
    CHECK(keys.pair()->server == CurveKey::parse(server.public_key));
    CHECK(keys.pair()->own_public == CurveKey::parse(own.public_key));
    CHECK(keys.pair()->own_secret == CurveKey::parse(own.secret_key));
    CHECK_FALSE(CurveKeys(server_key).pair()->own_secret);
  }
  CHECK_FALSE(CurveKeys());
  CHECK_FALSE(CurveKeys("", ""));
}

TEST_CASE("a secret certificate need not repeat the public key, and may not name another's") {
  const Folder folder;
  const KeyTexts own;
  const KeyTexts other;
  const std::string secret_only = folder.file("s", "curve\n  secret-key = '" + own.secret_key + "'\n");
  CHECK(CurveKeys(other.public_key, secret_only).pair()->own_public == CurveKey::parse(own.public_key));
  const std::string mixed = folder.file("m", certificate(other.public_key, own.secret_key));
  CHECK(why_unusable(other.public_key, mixed) == mixed + ": its public-key is another's than its secret-key");
}

TEST_CASE("what can't be used is said, without a key in it") {
  const Folder folder;
  const KeyTexts own;
  const std::string good = certificate(own.public_key, own.secret_key);
  const std::string readable = folder.file("readable", good, 0640);
  CHECK(why_unusable(own.public_key, readable) ==
        readable + ": holds a secret key, and others than its owner may use it; chmod 600 " + readable);
  CHECK(contains(why_unusable(own.public_key, folder.file("public", certificate(own.public_key))),
                 "secret-key"));
  CHECK(contains(why_unusable(own.public_key, folder.file("long", std::string(65537, '#'))), "too long"));
  CHECK(contains(why_unusable(folder.path()), "no file"));
  CHECK(contains(why_unusable("/nowhere/at.key"), "No such file"));
  CHECK(contains(why_unusable(folder.file("empty", "")), "public-key"));
  CHECK(contains(why_unusable("", readable), "without the registry's public key"));
  CHECK(why_unusable("nonsense") ==
        "the registry's key: expected 40 characters (Z85), or a certificate's path");
  const std::string fifo = folder.path() + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(contains(why_unusable(own.public_key, fifo), "no file"));
}

TEST_CASE("a credential that systemd made is this service's own, whatever its mode says of a group") {
  const Folder folder;
  const KeyTexts own;
  const std::string path = folder.file("key", certificate(own.public_key, own.secret_key), 0440);
  CHECK(contains(why_unusable(own.public_key, path), "others than its owner"));
  const Variable directory("CREDENTIALS_DIRECTORY", folder.path());
  CHECK(why_unusable(own.public_key, path).empty());
  REQUIRE(chmod(path.c_str(), 0444) == 0);
  CHECK(contains(why_unusable(own.public_key, path), "others than its owner"));
  REQUIRE(chmod(path.c_str(), 0460) == 0);
  CHECK(contains(why_unusable(own.public_key, path), "others than its owner"));
}

TEST_CASE("the environment names keys for who names none") {
  const Folder folder;
  const KeyTexts server;
  CHECK_FALSE(CurveKeys::from_environment());
  const Variable server_key("REGISTRY_SERVER_KEY", server.public_key);
  CHECK(CurveKeys::from_environment());
  const Variable key_file("REGISTRY_KEY_FILE", folder.path() + "/missing");
  CHECK_THROWS_AS(CurveKeys::from_environment(), UnusableKeyError);
}

TEST_CASE("a key is 40 characters of Z85") {
  const KeyTexts keys;
  CHECK(CurveKey::parse(keys.public_key));
  for (const std::string& text : {std::string(), keys.public_key.substr(1), keys.public_key + "0",
                                  std::string(40, '~'), std::string(40, '#'), std::string(40, '\0')})
    CHECK_FALSE(CurveKey::parse(text));
}
