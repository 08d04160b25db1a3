#include "registry_core/security/certificate.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace fs = std::filesystem;
using namespace registry_core;

namespace {

/// As pyzmq's zmq.auth.create_certificates writes it.
constexpr const char* of_pyzmq = R"(#   ****  Generated on 2024-01-02 03:04:05.678901 by pyzmq  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

metadata
curve
    public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
    secret-key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
)";

class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "certificates-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
  fs::path path_;
};

std::string text_in(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string why_not(const std::string& text) {
  try {
    parse_certificate(text);
  } catch (const CertificateError& error) {
    return error.what();
  }
  return "";
}

template<typename Call>
std::string certificate_error_of(Call call) {
  try {
    call();
  } catch (const CertificateError& error) {
    return error.what();
  }
  return "";
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

} // namespace

TEST_CASE("a certificate of pyzmq's is read") {
  const auto certificate = parse_certificate(of_pyzmq);
  CHECK(certificate.public_key.text() == "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
  REQUIRE(certificate.secret_key);
  CHECK(certificate.secret_key->text() == "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs");
}

TEST_CASE("what is written is read again") {
  Certificate certificate;
  certificate.metadata = {{"name", "orders"}, {"created", "now"}};
  certificate.secret_key = CurveKey::make_secret();
  certificate.public_key = certificate.secret_key->public_key();
  const auto again = parse_certificate(text_of(certificate));
  CHECK(again.metadata == certificate.metadata);
  CHECK(again.public_key == certificate.public_key);
  CHECK(again.secret_key == certificate.secret_key);
  certificate.secret_key.reset();
  CHECK_FALSE(parse_certificate(text_of(certificate)).secret_key);
}

TEST_CASE("what is wrong is said with its line, and never with what stands there") {
  const std::string key(40, '0');
  CHECK(why_not("") == "0: no public-key in a section curve");
  CHECK(why_not("metadata\n    public-key = \"" + key + "\"\n") == "2: no public-key in a section curve");
  CHECK(why_not("curve\n    public-key\n") == "2: expected NAME = VALUE");
  CHECK(why_not("curve\n    public-key = \"" + key + "\n") == "2: a quote that is not closed");
  CHECK(why_not("curve\n    secret-key = 'hush'\n") == "2: expected a key of 40 characters (Z85)");
  CHECK(why_not("curve\n\n    public-key = " + key + "\n    public-key = " + key) ==
        "4: a key that stands twice");
  CHECK(why_not("curve\n    public-key = " + key + "\n    secret-key = " + key) ==
        "3: public-key and secret-key are no pair");
}

TEST_CASE("a key pair is two files, the secret one its owner's alone, and nothing is overwritten") {
  const Folder folder;
  const auto path = folder.file("orders");
  const auto key = make_key_files(path, "orders", "now");
  CHECK(mode_of(path + ".key") == 0644);
  CHECK(mode_of(path + ".key_secret") == 0600);
  CHECK(read_public_key(path + ".key") == key);
  CHECK(read_public_key(path + ".key_secret") == key);
  CHECK(read_secret_certificate(path + ".key_secret").public_key == key);
  const auto before = text_in(path + ".key_secret");
  CHECK(certificate_error_of([&] { make_key_files(path, "orders", "now"); }) ==
        path + ".key_secret: is there already, and no key is overwritten");
  CHECK(text_in(path + ".key_secret") == before);
  fs::remove(path + ".key_secret");
  CHECK(certificate_error_of([&] { make_key_files(path, "orders", "now"); }) ==
        path + ".key: is there already, and no key is overwritten");
  CHECK_FALSE(fs::exists(path + ".key_secret")); // both or none
}

TEST_CASE("a credential that systemd made is the registry's own, whatever its mode says of a group") {
  const Folder folder;
  make_key_files(folder.file("a"), "a", "now");
  const auto secret = folder.file("a.key_secret");
  const auto is_refused = [&] {
    return !certificate_error_of([&] { read_secret_certificate(secret); }).empty();
  };
  REQUIRE(::chmod(secret.c_str(), 0440) == 0);
  CHECK(is_refused());
  REQUIRE(::setenv("CREDENTIALS_DIRECTORY", folder.file("").c_str(), 1) == 0);
  CHECK(is_refused()); // as a folder it is written without the slash
  REQUIRE(::setenv("CREDENTIALS_DIRECTORY", fs::path(secret).parent_path().c_str(), 1) == 0);
  CHECK_FALSE(is_refused());
  for (const mode_t mode : {0444U, 0460U, 0640U | 0004U}) {
    REQUIRE(::chmod(secret.c_str(), mode) == 0);
    CHECK(is_refused());
  }
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("a secret that others may read is refused, and so is a file without one") {
  const Folder folder;
  const auto path = folder.file("a");
  make_key_files(path, "a", "now");
  const auto secret = path + ".key_secret";
  std::string refused = secret;
  refused.append(": others than its owner may read or write it: chmod 600 ").append(secret);
  for (const mode_t mode : {0640U, 0604U, 0660U, 0620U}) {
    REQUIRE(::chmod(secret.c_str(), mode) == 0);
    CHECK(certificate_error_of([&] { read_secret_certificate(secret); }) == refused);
  }
  REQUIRE(::chmod(secret.c_str(), 0400) == 0);
  CHECK(certificate_error_of([&] { read_secret_certificate(secret); }).empty());
  REQUIRE(::chmod((path + ".key").c_str(), 0600) == 0);
  CHECK(certificate_error_of([&] { read_secret_certificate(path + ".key"); }) ==
        path + ".key: has no secret-key; that is in the file ending in .key_secret");
  CHECK(certificate_error_of([&] { read_secret_certificate(folder.file("nothing")); }) ==
        folder.file("nothing") + ": No such file or directory");
  CHECK(certificate_error_of([&] { read_secret_certificate(folder.file("")); }) ==
        folder.file("") + ": is no file");
  CHECK(certificate_error_of([&] { read_public_key("/dev/zero"); }) == "/dev/zero: is no file");
}
